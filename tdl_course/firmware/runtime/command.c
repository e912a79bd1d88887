#include "command.h"

#include "uart.h"

static char printable(uint8_t byte) {
  if (byte < ' ') return ' ';
  return byte < 0x7f ? (char)byte : '?';
}

int command_read(char *text) {
  uint32_t length = 0;
  for (;;) {
    const uint8_t byte = uart_get();
    if (byte == '%') break;
    if (length < COMMAND_LENGTH) text[length] = printable(byte);
    if (length <= COMMAND_LENGTH) length++;
  }
  const int fits = length <= COMMAND_LENGTH;
  text[fits ? length : 0] = 0;
  return fits;
}

char *command_word(char **cursor) {
  char *start = *cursor;
  while (*start == ' ') start++;
  if (!*start) return 0;
  char *end = start;
  while (*end && *end != ' ') end++;
  *cursor = *end ? end + 1 : end;
  *end = 0;
  return start;
}

int command_number(const char *word, uint32_t *value) {
  uint32_t sum = 0, digits = 0;
  for (; word[digits]; digits++) {
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
