#include "buffer.h"

#include "command.h"
#include "tdl_model.h"
#include "uart.h"

enum { BYTES_PER_LINE = 8 };

static int loading;
static uint32_t loaded;  // bytes of the load that have arrived

static void error_with_counts(const char *before, uint32_t first, const char *between, uint32_t second) {
  uart_text(before);
  uart_decimal(first);
  uart_text(between);
  uart_decimal(second);
  uart_text("]\r\n");
}

int buffer_ready(void) {
  if (!loading) return 1;
  error_with_counts("e-[Input incomplete: ", loaded, " bytes of ", tdl_model.input_bytes);
  return 0;
}

static void load(char *rest) {
  const char *word = command_word(&rest);
  uint32_t bytes;
  loading = 0;
  if (!word || command_word(&rest) || !command_number(word, &bytes)) {
    uart_text("e-[Command 'db load' requires the number of bytes]\r\n");
  } else if (bytes != tdl_model.input_bytes) {
    error_with_counts("e-[Wrong number of bytes: got ", bytes, ", the model's input has ", tdl_model.input_bytes);
  } else {
    loading = 1;
    loaded = 0;
    uart_text("m-[Expecting ");
    uart_decimal(bytes);
    uart_text(" bytes]\r\n");
  }
}

static void print(char *rest) {
  if (command_word(&rest)) {
    uart_text("e-[Command 'db print' takes no argument]\r\n");
    return;
  }
  for (uint32_t i = 0; i < tdl_model.input_bytes; i++) {
    uart_text(i % BYTES_PER_LINE ? "-" : "m-buffer-");
    uart_hex((uint8_t)tdl_model.input[i], 2);
    if (i % BYTES_PER_LINE == BYTES_PER_LINE - 1 || i + 1 == tdl_model.input_bytes) uart_text("\r\n");
  }
}

// All of a line is checked before any of it is stored, so that a damaged line may be sent again.
static void store(const char *digits, char *rest) {
  uint32_t count = 0;
  for (; digits[count]; count++) {
    if (command_hex_digit(digits[count]) < 0) {
      uart_text("e-[Invalid hex digit '");
      uart_put(digits[count]);
      uart_text("']\r\n");
      return;
    }
  }
  if (count % 2u || command_word(&rest)) {
    uart_text("e-[Hex digits must come in pairs, without spaces]\r\n");
  } else if (!loading) {
    uart_text("e-[No load in progress: send 'db load N' first]\r\n");
  } else if (count / 2u > tdl_model.input_bytes - loaded) {
    error_with_counts("e-[Too many bytes: got ", count / 2u, ", missing ", tdl_model.input_bytes - loaded);
  } else {
    for (uint32_t i = 0; i < count; i += 2) {
      const int high = command_hex_digit(digits[i]), low = command_hex_digit(digits[i + 1]);
      tdl_model.input[loaded++] = (int8_t)(uint8_t)(high * 16 + low);
    }
    if (loaded < tdl_model.input_bytes) return;
    loading = 0;
    uart_text("m-load-done\r\n");
  }
}

void buffer_command(char *rest) {
  const char *word = command_word(&rest);
  if (!word) {
    uart_text("e-[Command 'db' requires a subcommand: load, print or hex digits]\r\n");
  } else if (command_is(word, "load")) {
    load(rest);
  } else if (command_is(word, "print")) {
    print(rest);
  } else {
    store(word, rest);
  }
}
