/* tdl_huffman.h: the next symbol of a Huffman code.
 *
 * The code is canonical: see tdl_course/kernels/huffman.py. A decoder looks at the next 16 bits as a number. Codes of
 * up to n bits, with whatever follows them, are the numbers up to last[n]. So the length is the first n whose last[n] is
 * not exceeded; start, by the next 5 bits, says where to begin. Codes of one length are consecutive: the code and
 * offset[n] give the place of its symbol. */
#ifndef TDL_HUFFMAN_H
#define TDL_HUFFMAN_H

#include <stdint.h>

enum { TDL_HUFFMAN_START_SHIFT = 32 - 5 };

typedef struct {
  const int8_t *symbols;
  const uint16_t *last;
  const uint8_t *offset, *start;
} tdl_huffman_code;

/* Where in the stream: the next bits, the first one highest, how many of them there are, and what follows. */
typedef struct {
  uint32_t bits;
  int32_t held;
  const uint16_t *next;
} tdl_huffman_place;

static inline int32_t tdl_next_symbol(const tdl_huffman_code *code, tdl_huffman_place *at) {
  if (at->held < 16) {
    at->bits |= (uint32_t)*at->next++ << (16 - at->held);
    at->held += 16;
  }
  const uint32_t halfword = at->bits >> 16;
  uint32_t length = code->start[at->bits >> TDL_HUFFMAN_START_SHIFT];
  while (halfword > code->last[length]) length++;
  const uint8_t symbol = (uint8_t)((halfword >> (16 - length)) + code->offset[length]);
  at->bits <<= length;
  at->held -= (int32_t)length;
  return code->symbols[symbol];
}

#endif
