// One command of the serial protocol: bytes up to '%', split at spaces into words and numbers.
#ifndef TDL_COMMAND_H
#define TDL_COMMAND_H

#include <stdint.h>

// Longest command without its '%'. MLCommons' runner sends 65 characters: "db " and 31 hex pairs.
enum { COMMAND_LENGTH = 255 };

// Reads one command into `text` (COMMAND_LENGTH + 1 bytes, ended by 0). Control characters become spaces, other bytes
// outside ASCII become '?'. Returns 0 when the command was too long; all of it has been read then.
int command_read(char *text);

// The next word at *cursor, ended in place by 0; moves the cursor behind it. Returns 0 at the end of the command.
char *command_word(char **cursor);

// 1 and the value of a decimal number of at most 9 digits, or 0.
int command_number(const char *word, uint32_t *value);

// 0 to 15, or -1 for what is no hex digit.
int command_hex_digit(char c);

// 1 where both texts are equal.
int command_is(const char *word, const char *name);

#endif
