#include "command.h"

#include "uart.h"

static int line_end(char c) { return c == '\r' || c == '\n'; }

int command_read(char *text) {
  uint32_t length = 0;
  for (;;) {
    const uint8_t byte = uart_get();
    if (byte == '%') break;
    if (length == 0 && line_end((char)byte)) continue;
    if (length < COMMAND_LENGTH) text[length] = (char)byte;
    if (length <= COMMAND_LENGTH) length++;
  }
  const int fits = length <= COMMAND_LENGTH;
  if (!fits) length = 0;
  while (length && line_end(text[length - 1])) length--;
  text[length] = 0;
  while (length--) {
    if (text[length] < ' ' || text[length] >= 0x7f) text[length] = '?';
  }
  return fits;
}

uint32_t command_split(char *text, char **words, uint32_t most) {
  uint32_t count = 0;
  for (uint32_t i = 0; i <= most; i++) words[i] = 0;
  for (;;) {
    while (*text == ' ') text++;
    if (!*text || count > most) return count;
    if (count < most) words[count] = text;
    count++;
    while (*text && *text != ' ') text++;
    if (*text) *text++ = 0;
  }
}

int command_number(const char *word, uint32_t *value) {
  uint32_t sum = 0, digits = 0;
  for (; word && word[digits]; digits++) {
    if (word[digits] < '0' || word[digits] > '9' || digits == 9) return 0;
    sum = sum * 10u + (uint32_t)(word[digits] - '0');
  }
  *value = sum;
  return digits > 0;
}

int command_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int command_is(const char *word, const char *name) {
  while (*word && *word == *name) {
    word++;
    name++;
  }
  return *word == *name;
}
