#include "buffer.h"

#include "command.h"
#include "tdl_model.h"
#include "uart.h"

enum { BYTES_PER_LINE = 8 };

static enum { LOADED, LOADING, BROKEN_OFF, INFERRED } state;
static uint32_t loaded;  // bytes of the load that have arrived

static void error_with_counts(const char *before, uint32_t first, const char *between, uint32_t second) {
  uart_text(before);
  uart_decimal(first);
  uart_text(between);
  uart_decimal(second);
  uart_text("]\r\n");
}

int buffer_has_input(void) {
  if (state == LOADING) {
    error_with_counts("e-[Input incomplete: ", loaded, " bytes of ", tdl_model.input_bytes);
  } else if (state == BROKEN_OFF) {
    uart_text("e-[No input: the last 'db load' was refused]\r\n");
  } else if (state == INFERRED && tdl_model.first_output) {
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
  } else if (bytes != tdl_model.input_bytes) {
    error_with_counts("e-[Wrong number of bytes: got ", bytes, ", the model's input has ", tdl_model.input_bytes);
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
  for (uint32_t i = 0; i < tdl_model.input_bytes; i++) {
    uart_text(i % BYTES_PER_LINE ? "-" : "m-buffer-");
    uart_hex((uint8_t)tdl_model.input[i], 2);
    if (i % BYTES_PER_LINE == BYTES_PER_LINE - 1 || i + 1 == tdl_model.input_bytes) uart_text("\r\n");
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
  } else if (count / 2u > tdl_model.input_bytes - loaded) {
    error_with_counts("e-[Too many bytes: got ", count / 2u, ", missing ", tdl_model.input_bytes - loaded);
  } else {
    for (uint32_t i = 0; i < count; i += 2) {
      const int high = command_hex_digit(digits[i]), low = command_hex_digit(digits[i + 1]);
      tdl_model.input[loaded++] = (int8_t)(uint8_t)(high * 16 + low);
    }
    if (loaded < tdl_model.input_bytes) return;
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
