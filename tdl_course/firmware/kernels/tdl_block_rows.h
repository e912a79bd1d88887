/* tdl_block_rows.h: sums of six rows of weights, or of four, over one row of values: FULLY_CONNECTED by rows.
 *
 * See tdl_pairs.h for the arithmetic; values are unpacked as they are loaded. */
#ifndef TDL_BLOCK_ROWS_H
#define TDL_BLOCK_ROWS_H

#include <stdint.h>
#include "tdl_pairs.h"

typedef struct {
  const int8_t *x, *x_end; /* [groups][4] */
  int32_t groups;          /* 1 or more */
  int32_t blocks;          /* of rows, 1 or more */
  const int32_t *channel;  /* constants of the first row */
  int8_t *y;               /* an output for every row */
  const int32_t *weights;  /* [blocks][groups][rows of a block] */
} tdl_rows_block;

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_rows_cortex_m4.h"
#else
static inline void tdl_multiply_rows(const tdl_rows_block *b, int32_t rows) {
  const int32_t *w = b->weights, *channel = b->channel;
  int8_t *y = b->y;
  for (int32_t block = 0; block < b->blocks; block++) {
    int32_t sum[6];
    for (int32_t i = 0; i < rows; i++) sum[i] = channel[i * TDL_CHANNEL + TDL_START];
    for (const int8_t *x = b->x; x < b->x_end; x += 4, w += rows) {
      const int32_t four = tdl_load(x), odd = tdl_odd_bytes(four), mix = tdl_swap_bytes(four ^ 0x7F007F00);
      for (int32_t i = 0; i < rows; i++) sum[i] = tdl_smlad(tdl_even_bytes(w[i]), mix, tdl_smlad(w[i], odd, sum[i]));
    }
    for (int32_t i = 0; i < rows; i++, channel += TDL_CHANNEL) *y++ = (int8_t)tdl_output(sum[i] >> 7, channel);
  }
}
static inline void tdl_multiply_6_rows(const tdl_rows_block *b) { tdl_multiply_rows(b, 6); }
static inline void tdl_multiply_4_rows(const tdl_rows_block *b) { tdl_multiply_rows(b, 4); }
#endif

#endif
