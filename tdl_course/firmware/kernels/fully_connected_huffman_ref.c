/* FULLY_CONNECTED, int8, with weights as a Huffman code: less flash, more time.
 *
 *   y[r][o] = requantize(bias[o] + sum over i of w[o][i] * x[r][i])
 *
 * x [rows][inputs]   w: `stream`, [outputs][inputs] codes   y [rows][outputs]
 * r: row   o: output   i: input
 *
 * The zero point of x is in the bias. Sums wrap at 32 bits, as TensorFlow Lite's do.
 * The code is that of tdl_huffman.h. */
#include "tdl_huffman.h"
#include "tdl_kernels.h"
#include "tdl_kernels_fast.h"
#include "tdl_requantize.h"

/* The sum of a row of weights and x; `at` moves on to the next row. */
static inline int32_t sum_of_row(const tdl_fully_connected_huffman_params *p, tdl_huffman_place *at, const int8_t *x,
                                 uint32_t sum) {
  const tdl_huffman_code code = {p->symbols, p->last, p->offset, p->start};
  const int8_t *const end = x + p->inputs;
  tdl_huffman_place now = *at;
  while (x < end) sum += (uint32_t)(tdl_next_symbol(&code, &now) * *x++);
  *at = now;
  return (int32_t)sum;
}

void tdl_fully_connected_huffman_s8(const tdl_fully_connected_huffman_params *p, const int8_t *x, int8_t *y) {
  for (int32_t r = 0; r < p->rows; r++) {
    tdl_huffman_place at = {0, 0, p->stream};
    for (int32_t o = 0; o < p->outputs; o++) {
      const int32_t scale = p->per_channel ? o : 0;
      *y++ = tdl_requantize(sum_of_row(p, &at, x, (uint32_t)p->bias[o]), p->multiplier[scale], p->shift[scale],
                            p->output_zero_point, p->activation_min, p->activation_max);
    }
    x += p->inputs;
  }
}
