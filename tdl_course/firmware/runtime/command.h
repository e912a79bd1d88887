// One command of the serial protocol: bytes up to '%', split at spaces into words and numbers.
#ifndef TDL_COMMAND_H
#define TDL_COMMAND_H

#include <stdint.h>

// Longest command without its '%'. MLCommons' runner sends 65 characters: "db " and 31 hex pairs.
enum { COMMAND_LENGTH = 255 };

// Reads one command into `text` (COMMAND_LENGTH + 1 bytes, ended by 0). Line ends before and behind it are dropped; any
// other byte that is not printable ASCII becomes '?'. Returns 0 when the command was too long; all of it has been read.
int command_read(char *text);

// Splits `text` at spaces, in place: words[0], words[1], ..., at most `most`, then null pointers up to words[most].
// Returns how many words there are, `most` + 1 when there are more.
uint32_t command_split(char *text, char **words, uint32_t most);

// 1 and the value of a decimal number of at most 9 digits, or 0; `word` may be null.
int command_number(const char *word, uint32_t *value);

// 0 to 15, or -1 for what is no hex digit.
int command_hex_digit(char c);

// 1 where both texts are equal.
int command_is(const char *word, const char *name);

#endif
