#include "buffer.h"

#include "command.h"
#include "tdl_model.h"
#include "uart.h"

enum { BYTES_PER_LINE = 8 };

const tdl_host_form *buffer_scored(void) { return tdl_model.host && tdl_model.host->sent ? tdl_model.host : 0; }

// What the host sends lies here: in the model's input itself, pixels with their highest bit flipped.
static uint8_t *sent(void) {
  const tdl_host_form *scored = buffer_scored();
  return (uint8_t *)(scored ? (int8_t *)scored->sent : tdl_model.input);
}

static uint32_t sent_bytes(void) { return buffer_scored() ? 4u * tdl_model.input_bytes : tdl_model.input_bytes; }

static uint8_t flipped(void) { return tdl_model.host && !tdl_model.host->sent ? 0x80u : 0u; }

static enum { LOADED, LOADING, BROKEN_OFF, INFERRED } state;
static uint32_t loaded;  // bytes of the load that have arrived

static void error_with_counts(const char *before, uint32_t first, const char *between, uint32_t second) {
  uart_text(before);
  uart_decimal(first);
  uart_text(between);
  uart_decimal(second);
  uart_text("]\r\n");
}

// round(value / scale) + zero_point, halves away from zero, limited to int8.
static int8_t quantized(float value, const tdl_host_form *host) {
  const float steps = value / host->scale;
  if (!(steps > -1000.0f)) return -128;  // and NaN
  if (steps > 1000.0f) return 127;
  int32_t nearest = (int32_t)steps;
  const float rest = steps - (float)nearest;
  if (rest >= 0.5f) nearest++;
  if (rest <= -0.5f) nearest--;
  const int32_t q = nearest + host->zero_point;
  return (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
}

void buffer_to_model(void) {
  const tdl_host_form *scored = buffer_scored();
  for (uint32_t i = 0; scored && i < tdl_model.input_bytes; i++)
    tdl_model.input[i] = quantized(scored->sent[i], scored);
}

int buffer_has_input(void) {
  if (state == LOADING) {
    error_with_counts("e-[Input incomplete: ", loaded, " bytes of ", sent_bytes());
  } else if (state == BROKEN_OFF) {
    uart_text("e-[No input: the last 'db load' was refused]\r\n");
  } else if (state == INFERRED && tdl_model.first_output && !buffer_scored()) {
    uart_text("e-[No input: inference has used it up, send 'db load N' again]\r\n");
  } else {
    return 1;
  }
  return 0;
}

int buffer_has_output(void) {
  if (state == INFERRED) return 1;
  uart_text("e-[No results: no inference since the input was loaded]\r\n");
  return 0;
}

void buffer_used(void) { state = INFERRED; }

static void load(const char *word) {
  uint32_t bytes;
  state = BROKEN_OFF;
  if (!command_number(word, &bytes)) {
    uart_text("e-[Command 'db load' requires the number of bytes]\r\n");
  } else if (bytes != sent_bytes()) {
    error_with_counts("e-[Wrong number of bytes: got ", bytes, ", the model's input has ", sent_bytes());
  } else {
    state = LOADING;
    loaded = 0;
    uart_text("m-[Expecting ");
    uart_decimal(bytes);
    uart_text(" bytes]\r\n");
  }
}

static void print(void) {
  if (!buffer_has_input()) return;
  const uint32_t bytes = sent_bytes();
  for (uint32_t i = 0; i < bytes; i++) {
    uart_text(i % BYTES_PER_LINE ? "-" : "m-buffer-");
    uart_hex(sent()[i] ^ flipped(), 2);
    if (i % BYTES_PER_LINE == BYTES_PER_LINE - 1 || i + 1 == bytes) uart_text("\r\n");
  }
}

// All of a line is checked before any of it is stored, so that a damaged line may be sent again.
static void store(const char *digits) {
  uint32_t count = 0;
  for (; digits[count]; count++) {
    if (command_hex_digit(digits[count]) < 0) {
      uart_text("e-[Invalid hex digit '");
      uart_put(digits[count]);
      uart_text("']\r\n");
      return;
    }
  }
  if (count % 2u) {
    uart_text("e-[Hex digits must come in pairs]\r\n");
  } else if (state != LOADING) {
    uart_text("e-[No load in progress: send 'db load N' first]\r\n");
  } else if (count / 2u > sent_bytes() - loaded) {
    error_with_counts("e-[Too many bytes: got ", count / 2u, ", missing ", sent_bytes() - loaded);
  } else {
    for (uint32_t i = 0; i < count; i += 2) {
      const int high = command_hex_digit(digits[i]), low = command_hex_digit(digits[i + 1]);
      sent()[loaded++] = (uint8_t)(high * 16 + low) ^ flipped();
    }
    if (loaded < sent_bytes()) return;
    state = LOADED;
    uart_text("m-load-done\r\n");
  }
}

void buffer_command(char **words) {
  if (!words[0]) {
    uart_text("e-[Command 'db' requires a subcommand: load, print or hex digits]\r\n");
  } else if (command_is(words[0], "load")) {
    load(words[1]);
  } else if (words[1]) {
    uart_text("e-[Only 'db load' takes a second word; hex digits come without spaces]\r\n");
  } else if (command_is(words[0], "print")) {
    print();
  } else {
    store(words[0]);
  }
}
