/* tdl_block_columns.h: all channels of three pixels, the inner loops of CONV_2D by columns.
 *
 * See tdl_pairs.h for the arithmetic, conv_2d_columns_dsp.c for the layouts. */
#ifndef TDL_BLOCK_COLUMNS_H
#define TDL_BLOCK_COLUMNS_H

#include <stdint.h>
#include "tdl_pairs.h"

enum { TDL_PIXELS = 3, TDL_GROUP = 2 * TDL_PIXELS }; /* columns of a block; words of four values of each */

typedef struct {
  const int32_t *columns, *columns_end; /* [groups][TDL_GROUP] */
  int32_t groups;                       /* 1 or more */
  int8_t *y;                            /* the first pixel's output */
  int32_t second, third;                /* from there to the other pixels' */
  const int32_t *channel;               /* constants of the first channel */
  const int32_t *weights, *weights_end; /* [pairs of channels][groups][2] */
} tdl_columns_block;

/* tdl_unpack_columns: runs of three pixels into the columns, `groups` (1 or more) of four values; returns where the columns
 * go on. tdl_multiply_columns: all channels of the three pixels.
 *
 * Distances `second` and `third` may be 0: what lies there is then overwritten by the first pixel. */
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_columns_cortex_m4.h"
#else
static inline int32_t *tdl_unpack_columns(const int8_t *a, const int8_t *b, const int8_t *c, int32_t groups,
                                          int32_t *column) {
  for (; groups > 0; groups--, column += TDL_GROUP, a += 4, b += 4, c += 4) {
    const int32_t four[TDL_PIXELS] = {tdl_load(a), tdl_load(b), tdl_load(c)};
    for (int32_t i = 0; i < TDL_PIXELS; i++) {
      column[i] = tdl_odd_bytes(four[i]);
      column[TDL_PIXELS + i] = tdl_swap_bytes(four[i] ^ 0x7F007F00);
    }
  }
  return column;
}

static inline void tdl_multiply_columns(const tdl_columns_block *b) {
  const int32_t *weights = b->weights, *channel = b->channel;
  int8_t *y = b->y;
  while (weights < b->weights_end) {
    int32_t sum[TDL_GROUP];
    for (int32_t i = 0; i < TDL_GROUP; i++) sum[i] = channel[i / TDL_PIXELS * TDL_CHANNEL + TDL_START];
    for (const int32_t *x = b->columns; x < b->columns_end; x += TDL_GROUP, weights += 2) {
      for (int32_t i = 0; i < TDL_GROUP; i++) {
        const int32_t w = weights[i / TDL_PIXELS], pixel = i % TDL_PIXELS;
        sum[i] = tdl_smlad(tdl_even_bytes(w), x[TDL_PIXELS + pixel], tdl_smlad(w, x[pixel], sum[i]));
      }
    }
    const int32_t place[TDL_PIXELS] = {0, b->second, b->third};
    for (int32_t i = TDL_PIXELS - 1; i >= 0; i--) {
      y[place[i]] = (int8_t)tdl_output(sum[i] >> 7, channel);
      y[place[i] + 1] = (int8_t)tdl_output(sum[TDL_PIXELS + i] >> 7, channel + TDL_CHANNEL);
    }
    channel += 2 * TDL_CHANNEL;
    y += 2;
  }
}
#endif

#endif
