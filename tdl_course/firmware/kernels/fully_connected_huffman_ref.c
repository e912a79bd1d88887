/* FULLY_CONNECTED, int8, with weights as a Huffman code: less flash, more time.
 *
 *   y[r][o] = requantize(bias[o] + sum over i of w[o][i] * x[r][i])
 *
 * x [rows][inputs]   w: `stream`, [outputs][inputs] codes   y [rows][outputs]
 * r: row   o: output   i: input
 *
 * The zero point of x is in the bias. Sums wrap at 32 bits, as TensorFlow Lite's do.
 *
 * The code is canonical: see tdl_course/kernels/huffman.py. A decoder looks at the next 16 bits as a number. Codes of
 * up to n bits, with whatever follows them, are the numbers up to last[n]. So the length is the first n whose last[n] is
 * not exceeded; start, by the next 5 bits, says where to begin. Codes of one length are consecutive: the code and
 * offset[n] give the place of its symbol. */
#include "tdl_kernels.h"
#include "tdl_kernels_fast.h"
#include "tdl_requantize.h"

enum { START_SHIFT = 32 - 5 };

/* Where in the stream: the next bits, the first one highest, how many of them there are, and what follows. */
typedef struct {
  uint32_t bits;
  int32_t held;
  const uint16_t *next;
} place;

/* The sum of a row of weights and x; `at` moves on to the next row. */
static inline int32_t sum_of_row(const tdl_fully_connected_huffman_params *p, place *at, const int8_t *x,
                                 uint32_t sum) {
  const int8_t *const symbols = p->symbols, *const end = x + p->inputs;
  const uint16_t *const last = p->last;
  const uint8_t *const offset = p->offset, *const start = p->start;
  place now = *at;
  while (x < end) {
    if (now.held < 16) {
      now.bits |= (uint32_t)*now.next++ << (16 - now.held);
      now.held += 16;
    }
    const uint32_t halfword = now.bits >> 16;
    uint32_t length = start[now.bits >> START_SHIFT];
    while (halfword > last[length]) length++;
    const uint8_t symbol = (uint8_t)((halfword >> (16 - length)) + offset[length]);
    sum += (uint32_t)(symbols[symbol] * *x++);
    now.bits <<= length;
    now.held -= (int32_t)length;
  }
  *at = now;
  return (int32_t)sum;
}

void tdl_fully_connected_huffman_s8(const tdl_fully_connected_huffman_params *p, const int8_t *x, int8_t *y) {
  for (int32_t r = 0; r < p->rows; r++) {
    place at = {0, 0, p->stream};
    for (int32_t o = 0; o < p->outputs; o++) {
      const int32_t scale = p->per_channel ? o : 0;
      *y++ = tdl_requantize(sum_of_row(p, &at, x, (uint32_t)p->bias[o]), p->multiplier[scale], p->shift[scale],
                            p->output_zero_point, p->activation_min, p->activation_max);
    }
    x += p->inputs;
  }
}
