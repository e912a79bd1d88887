/* A keyword spotter over the serial port: sound comes in, detections go out. Commands end in '%'; each is answered by
 * its lines and then `m-ready`, what is wrong by `e-[why]`, as in the runtime's protocol.c.
 *
 *   x-audio HEX      samples, int16 with the lower byte first, any number that a line holds
 *   x-threshold N, x-smoothing N, x-refractory N, x-stride N      the operating point; the stream starts anew
 *   x-detection-[TIME_MS,LABEL_INDEX,SCORE]                       the answer where a keyword was heard */
#include "clock.h"
#include "command.h"
#include "results.h"
#include "spotter.h"
#include "tdl_frontend.h"
#include "tdl_model.h"
#include "uart.h"

enum { MOST_WORDS = 2, DIGITS_PER_SAMPLE = 4, ECHO_LENGTH = 24 };

static spotter_settings settings;
static uint32_t arrived;  /* samples of the next hop */
static uint32_t hops;     /* since the stream began */
static uint32_t frames;   /* in the ring, and no more than it has room for */
static uint32_t oldest;   /* frame of the ring, which the next one overwrites */
static uint32_t waiting;  /* hops until the next inference */
static uint32_t inferred; /* 1 where the model's output is one */

static void start_anew(void) {
  arrived = hops = frames = oldest = waiting = inferred = 0;
  tdl_frontend_reset();
  spotter_reset();
}

static void print_detection(const spotter_detection *detection) {
  uart_text("x-detection-[");
  uart_decimal((uint64_t)hops * (uint32_t)tdl_frontend.hop * 1000u / tdl_spotter.sampling_hz);
  uart_put(',');
  uart_decimal(detection->label);
  uart_put(',');
  uart_decimal(detection->score);
  uart_text("]\r\n");
}

/* The frames of the ring, the oldest first, as the model takes them. */
static void fill_input(void) {
  const uint32_t size = tdl_model.input_bytes, begin = oldest * (uint32_t)tdl_frontend.mels;
  const int8_t *const map = tdl_spotter.input + 128;
  int8_t *to = tdl_model.input;
  for (uint32_t i = begin; i < size; i++) *to++ = map[tdl_spotter.features[i]];
  for (uint32_t i = 0; i < begin; i++) *to++ = map[tdl_spotter.features[i]];
}

static void infer(void) {
  spotter_detection detection;
  fill_input();
  tdl_infer();
  inferred = 1;
  if (spotter_take(tdl_model.output, hops, &settings, &detection)) print_detection(&detection);
}

static void take_hop(void) {
  int8_t *const frame = tdl_spotter.features + oldest * (uint32_t)tdl_frontend.mels;
  hops++;
  if (tdl_frontend_push(tdl_spotter.samples, (size_t)tdl_frontend.hop, frame) <= 0) return;
  oldest = (oldest + 1u) % tdl_spotter.frames;
  if (frames < tdl_spotter.frames) frames++;
  if (frames < tdl_spotter.frames) return;
  if (waiting == 0) {
    infer();
    waiting = settings.stride;
  }
  waiting--;
}

static void take_sample(const char *digits) {
  uint32_t sample = 0;
  for (uint32_t i = 0; i < DIGITS_PER_SAMPLE; i++) sample = sample << 4 | (uint32_t)command_hex_digit(digits[i]);
  tdl_spotter.samples[arrived++] = (int16_t)(uint16_t)(sample >> 8 | sample << 8);
  if (arrived < (uint32_t)tdl_frontend.hop) return;
  arrived = 0;
  take_hop();
}

/* All of a line is checked before any of it is taken, so that a damaged line may be sent again. */
static void audio_command(char **words) {
  uint32_t count = 0;
  for (; words[0] && words[0][count]; count++) {
    if (command_hex_digit(words[0][count]) < 0) {
      uart_text("e-[Invalid hex digit '");
      uart_put(words[0][count]);
      uart_text("']\r\n");
      return;
    }
  }
  if (count == 0 || count % DIGITS_PER_SAMPLE) {
    uart_text("e-[Command 'x-audio' takes samples of 4 hex digits, the lower byte first]\r\n");
    return;
  }
  for (uint32_t i = 0; i < count; i += DIGITS_PER_SAMPLE) take_sample(words[0] + i);
}

typedef struct {
  const char *name;
  uint32_t *value, lowest, highest;
} setting;

static const setting setting_list[] = {
    {"x-threshold", &settings.threshold, 1, 255},
    {"x-smoothing", &settings.smoothing, 1, MOST_SMOOTHING},
    {"x-refractory", &settings.refractory, 0, 100000},
    {"x-stride", &settings.stride, 1, 1000},
};
enum { SETTINGS = sizeof setting_list / sizeof setting_list[0] };

static void settings_command(char **words) {
  (void)words;
  for (uint32_t i = 0; i < SETTINGS; i++) {
    uart_text(setting_list[i].name);
    uart_put('-');
    uart_decimal(*setting_list[i].value);
    uart_text("\r\n");
  }
}

static void change(const setting *which, const char *word) {
  uint32_t value;
  if (command_number(word, &value) && value >= which->lowest && value <= which->highest) {
    *which->value = value;
    start_anew();
    return;
  }
  uart_text("e-[Command '");
  uart_text(which->name);
  uart_text("' takes ");
  uart_decimal(which->lowest);
  uart_text(" to ");
  uart_decimal(which->highest);
  uart_text("]\r\n");
}

static void restart_command(char **words) {
  (void)words;
  start_anew();
}

static void output_command(char **words) {
  (void)words;
  if (inferred) {
    results_print_bytes();
  } else {
    uart_text("e-[No output: no inference since the stream began]\r\n");
  }
}

static void name_command(char **words) {
  (void)words;
  uart_text("m-name-dut-[tdl_course keyword spotter]\r\nm-model-[");
  uart_text(tdl_model.name);
  uart_text("]\r\n");
}

static void help_command(char **words);

static const struct {
  const char *name, *help;
  uint32_t words; /* behind the name, at most */
  void (*run)(char **words);
} commands[] = {
    {"help", "Print this information", 0, help_command},
    {"name", "Print the names of the device and of its model", 0, name_command},
    {"x-audio", "'x-audio HHHH[HHHH]*': samples, int16, the lower byte first", 1, audio_command},
    {"x-restart", "Forget all samples, outputs and detections", 0, restart_command},
    {"x-output", "Print the bytes of the last output in hex", 0, output_command},
    {"x-settings", "Print x-threshold, x-smoothing, x-refractory and x-stride, which 'NAME N' sets", 0,
     settings_command},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help_command(char **words) {
  (void)words;
  for (uint32_t i = 0; i < COMMANDS; i++) {
    uart_text(commands[i].name);
    uart_text(" : ");
    uart_text(commands[i].help);
    uart_text("\r\n");
  }
}

/* The word is part of the answer: a host that has lost its place finds it by that. */
static void unknown_command(const char *word) {
  uart_text("e-[Unknown command: ");
  for (uint32_t i = 0; word[i] && i < ECHO_LENGTH; i++) uart_put(word[i]);
  uart_text("]\r\n");
}

static void dispatch(char *text) {
  char *words[MOST_WORDS + 1];
  const uint32_t count = command_split(text, words, MOST_WORDS);
  if (!count) {
    uart_text("e-[Empty command: send 'help%']\r\n");
    return;
  }
  for (uint32_t i = 0; i < SETTINGS; i++) {
    if (command_is(words[0], setting_list[i].name)) {
      change(&setting_list[i], count == 2 ? words[1] : 0);
      return;
    }
  }
  for (uint32_t i = 0; i < COMMANDS; i++) {
    if (!command_is(words[0], commands[i].name)) continue;
    if (count - 1u <= commands[i].words) {
      commands[i].run(words + 1);
    } else {
      uart_text("e-[Too many words: send 'help%']\r\n");
    }
    return;
  }
  unknown_command(words[0]);
}

int main(void) {
  static char text[COMMAND_LENGTH + 1];
  clock_init();
  uart_init();
  settings = tdl_spotter.settings;
  start_anew();
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
