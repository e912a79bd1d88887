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

enum { MOST_INFERENCES = 1000000, DEFAULT_WARMUP = 10, ECHO_LENGTH = 24, MOST_WORDS = 3 };

static const char firmware[] = "ULPMark for tinyML Firmware V0.0.1";

typedef struct {
  const char *name, *help;
  uint32_t words;             // behind the name, at most
  void (*run)(char **words);  // ended by a null pointer
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

static void name_command(char **words) {
  (void)words;
  line_in_brackets("m-name-dut-[", "tdl_course");
}

// All layers, one after the other, are an inference.
static void profile_layers(void) {
  if (!buffer_has_input()) return;
  buffer_to_model();
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
  buffer_used();
}

static void profile_command(char **words) {
  if (!words[0]) {
    line_in_brackets("m-profile-[", firmware);
    line_in_brackets("m-model-[", tdl_model.name);
  } else if (command_is(words[0], "layers")) {
    profile_layers();
  } else {
    uart_text("e-[Command 'profile' takes nothing or 'layers']\r\n");
  }
}

static void print_lap(void) { line_with_number("m-lap-us-", clock_microseconds()); }

static void timestamp_command(char **words) {
  (void)words;
  print_lap();
}

static void copy_output(int8_t *to, const int8_t *from) {
  for (uint32_t i = 0; i < tdl_model.output_bytes; i++) to[i] = from[i];
}

// `keep`: the input does not survive the first of these inferences, so its output is the one that counts.
static void infer(uint32_t times, int keep) {
  for (uint32_t i = 0; i < times; i++) {
    tdl_infer();
    if (keep && i == 0) copy_output(tdl_model.first_output, tdl_model.output);
    clock_cycles();
  }
}

static void infer_command(char **words) {
  uint32_t count = 1, warmup = DEFAULT_WARMUP;
  if (words[0] && (!command_number(words[0], &count) || count < 1 || count > MOST_INFERENCES)) {
    uart_text("e-[Inference iterations must be 1 to 1000000]\r\n");
    return;
  }
  if (words[0] && words[1] && (!command_number(words[1], &warmup) || warmup > MOST_INFERENCES)) {
    uart_text("e-[Inference warmup must be 0 to 1000000]\r\n");
    return;
  }
  if (!buffer_has_input()) return;
  buffer_to_model();
  const int keep = tdl_model.first_output && warmup + count > 1;
  line_with_number("m-warmup-start-", warmup);
  infer(warmup, keep);
  uart_text("m-warmup-done\r\n");
  line_with_number("m-infer-start-", count);
  print_lap();
  infer(count, keep && !warmup);
  print_lap();
  uart_text("m-infer-done\r\n");
  if (keep) copy_output(tdl_model.output, tdl_model.first_output);
  buffer_used();
  results_print();
}

static void results_command(char **words) {
  (void)words;
  if (buffer_has_output()) results_print();
}

static void output_command(char **words) {
  (void)words;
  if (buffer_has_output()) results_print_bytes();
}

static void exit_command(char **words) {
  (void)words;
  semihost_exit(0);
}

static void help_command(char **words);

static const command commands[] = {
    {"help", "Print this information", 0, help_command},
    {"name", "Print the name of the device", 0, name_command},
    {"profile", "Print firmware and model; 'profile layers': cycles of each layer", 1, profile_command},
    {"timestamp", "Print the time since reset in microseconds", 0, timestamp_command},
    {"db", "'db load N': expect N input bytes; 'db HH[HH]*': load hex bytes; 'db print'", 2, buffer_command},
    {"infer", "'infer N [W=10]': N inferences after W warmup inferences, then results", 2, infer_command},
    {"results", "Print the outputs as real numbers", 0, results_command},
    {"x-output", "Print the bytes of the output in hex", 0, output_command},
    {"x-exit", "Stop: end of the simulation", 0, exit_command},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help_command(char **words) {
  (void)words;
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

static void run(const command *found, char **words, uint32_t count) {
  if (count <= found->words) {
    found->run(words);
    return;
  }
  uart_text("e-[Too many words behind '");
  uart_text(found->name);
  uart_text("': at most ");
  uart_decimal(found->words);
  uart_text("]\r\n");
}

static void dispatch(char *text) {
  char *words[MOST_WORDS + 1];
  const uint32_t count = command_split(text, words, MOST_WORDS);
  if (!count) {
    uart_text("e-[Empty command: send 'help%']\r\n");
    return;
  }
  for (uint32_t i = 0; i < COMMANDS; i++) {
    if (command_is(words[0], commands[i].name)) {
      run(&commands[i], words + 1, count - 1);
      return;
    }
  }
  unknown_command(words[0]);
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
