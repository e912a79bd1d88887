// Commands end in '%'. Each is answered by its lines and then `m-ready`; what is wrong is answered by `e-[why]`, and the
// device stays usable. Lines that begin with x- are this course's own.
#include "protocol.h"

#include "buffer.h"
#include "clock.h"
#include "command.h"
#include "results.h"
#include "semihost.h"
#include "tdl_model.h"
#include "uart.h"

enum { MOST_INFERENCES = 1000000, DEFAULT_WARMUP = 10, ECHO_LENGTH = 24 };

static const char firmware[] = "ULPMark for tinyML Firmware V0.0.1";

typedef struct {
  const char *name, *help;
  void (*run)(char *rest);
} command;

static void line_with_number(const char *text, uint64_t number) {
  uart_text(text);
  uart_decimal(number);
  uart_text("\r\n");
}

static void line_in_brackets(const char *text, const char *content) {
  uart_text(text);
  uart_text(content);
  uart_text("]\r\n");
}

static void name_command(char *rest) {
  (void)rest;
  line_in_brackets("m-name-dut-[", "tdl_course");
}

static void profile_layers(void) {
  if (!buffer_ready()) return;
  for (uint32_t i = 0; i < tdl_model.layer_count; i++) {
    const uint64_t start = clock_cycles();
    tdl_model.layers[i].run();
    const uint64_t cycles = clock_cycles() - start;
    uart_text("x-layer-");
    uart_decimal(i);
    uart_put('-');
    uart_text(tdl_model.layers[i].name);
    line_with_number("-", cycles);
  }
}

static void profile_command(char *rest) {
  const char *word = command_word(&rest);
  if (!word) {
    line_in_brackets("m-profile-[", firmware);
    line_in_brackets("m-model-[", tdl_model.name);
  } else if (command_is(word, "layers")) {
    profile_layers();
  } else {
    uart_text("e-[Command 'profile' takes nothing or 'layers']\r\n");
  }
}

static void timestamp_command(char *rest) {
  (void)rest;
  line_with_number("m-lap-us-", clock_microseconds());
}

static void infer_command(char *rest) {
  uint32_t count = 1, warmup = DEFAULT_WARMUP;
  const char *count_word = command_word(&rest), *warmup_word = command_word(&rest);
  if (count_word && (!command_number(count_word, &count) || count < 1 || count > MOST_INFERENCES)) {
    uart_text("e-[Inference iterations must be 1 to 1000000]\r\n");
    return;
  }
  if (warmup_word && (!command_number(warmup_word, &warmup) || warmup > MOST_INFERENCES)) {
    uart_text("e-[Inference warmup must be 0 to 1000000]\r\n");
    return;
  }
  if (!buffer_ready()) return;
  line_with_number("m-warmup-start-", warmup);
  for (uint32_t i = 0; i < warmup; i++) tdl_infer();
  uart_text("m-warmup-done\r\n");
  line_with_number("m-infer-start-", count);
  timestamp_command(rest);
  for (uint32_t i = 0; i < count; i++) {
    tdl_infer();
    clock_cycles();
  }
  timestamp_command(rest);
  uart_text("m-infer-done\r\n");
  results_print();
}

static void results_command(char *rest) {
  (void)rest;
  results_print();
}

static void output_command(char *rest) {
  (void)rest;
  results_print_bytes();
}

static void exit_command(char *rest) {
  (void)rest;
  semihost_exit(0);
}

static void help_command(char *rest);

static const command commands[] = {
    {"help", "Print this information", help_command},
    {"name", "Print the name of the device", name_command},
    {"profile", "Print firmware and model; 'profile layers': cycles of each layer", profile_command},
    {"timestamp", "Print the time since reset in microseconds", timestamp_command},
    {"db", "'db load N': expect N input bytes; 'db HH[HH]*': load hex bytes; 'db print'", buffer_command},
    {"infer", "'infer N [W=10]': N inferences after W warmup inferences, then results", infer_command},
    {"results", "Print the outputs as real numbers", results_command},
    {"x-output", "Print the bytes of the output in hex", output_command},
    {"x-exit", "Stop: end of the simulation", exit_command},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help_command(char *rest) {
  (void)rest;
  uart_text(firmware);
  uart_text("\r\n");
  for (uint32_t i = 0; i < COMMANDS; i++) {
    uart_text(commands[i].name);
    uart_text(" : ");
    uart_text(commands[i].help);
    uart_text("\r\n");
  }
}

static void unknown_command(const char *word) {
  uart_text("e-[Unknown command: ");
  for (uint32_t i = 0; word[i] && i < ECHO_LENGTH; i++) uart_put(word[i]);
  uart_text("]\r\n");
}

static void dispatch(char *text) {
  const char *word = command_word(&text);
  if (!word) {
    uart_text("e-[Empty command: send 'help%']\r\n");
    return;
  }
  for (uint32_t i = 0; i < COMMANDS; i++) {
    if (command_is(word, commands[i].name)) {
      commands[i].run(text);
      return;
    }
  }
  unknown_command(word);
}

_Noreturn void protocol_serve(void) {
  static char text[COMMAND_LENGTH + 1];
  uart_text("m-init-done\r\n");
  for (;;) {
    uart_text("m-ready\r\n");
    if (command_read(text)) {
      dispatch(text);
    } else {
      uart_text("e-[Command longer than 255 characters]\r\n");
    }
  }
}
