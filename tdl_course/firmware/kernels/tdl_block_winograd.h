/* tdl_block_winograd.h: three tiles of a convolution by Winograd, the inner loops.
 *
 * See conv_2d_winograd_dsp.c for the arithmetic. Words of values hold two channels: of each four, 0 and 2, then 1 and
 * 3. Positions (i, j) of a tile lie column by column, at 4 * j + i.
 *
 *   values [input_channels / 2][TDL_POSITIONS][TDL_TILES]
 *   sums   [2 output channels][TDL_POSITIONS][TDL_TILES], directly behind the values
 *
 * What is summed up in position i = 1 begins with the sum of position 0, and 3 with 2. So the sums R are
 *
 *   R0 = M0    R1 = M0 + M1    R2 = M2    R3 = M2 + M3
 *
 * and the rows of A M are R1 + R2 and R3 - R0: two additions instead of four. */
#ifndef TDL_BLOCK_WINOGRAD_H
#define TDL_BLOCK_WINOGRAD_H

#include <stdint.h>
#include "tdl_pairs.h"

enum {
  TDL_TILES = 3,
  TDL_WINDOW = 4,
  TDL_POSITIONS = TDL_WINDOW * TDL_WINDOW,
  TDL_PLANE = TDL_POSITIONS * TDL_TILES, /* words of a pair of input channels, or of sums */
  TDL_COLUMN = TDL_WINDOW * TDL_TILES    /* from one column of positions to the next */
};

/* Where a tile's outputs go: the first one, and the distances to those below and to the right; 0: there is none. */
typedef struct {
  int8_t *y;
  int32_t down, right;
} tdl_tile;

/* tdl_winograd_values: the values V of one tile, from its window, whose rows are `row` bytes apart.
 *
 * tdl_winograd_multiply: the sums of two output channels; `pairs` of input channels, a multiple of four. Returns where
 * the weights of the next two are.
 *
 * tdl_winograd_outputs: one output channel of all tiles up to `end`: A M A', then scaled. Sums may wrap; the last ones,
 * 4 times what they stand for, fit. At position (2, 2), which counts once in each output, comes the bias. Outputs that
 * the image does not have are stored where another one overwrites them. Each tile goes on to its next channel. */
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_winograd_cortex_m4.h"
#else
/* B d: the four rows, or columns, of a window; results lie `step` words apart. */
static inline void tdl_winograd_input(int32_t d0, int32_t d1, int32_t d2, int32_t d3, int32_t *to, int32_t step) {
  to[0] = tdl_subtract_halfwords(d2, d1);
  to[step] = tdl_subtract_halfwords(d0, d2);
  to[2 * step] = tdl_add_halfwords(d1, d2);
  to[3 * step] = tdl_subtract_halfwords(d3, d1);
}

static inline void tdl_winograd_values(const int8_t *window, int32_t row, int32_t channels, int32_t *values) {
  for (int32_t pair = 0; pair < channels / 2; pair++, values += TDL_PLANE) {
    int32_t rows[TDL_POSITIONS];
    for (int32_t i = 0; i < TDL_WINDOW; i++) {
      int32_t d[TDL_WINDOW];
      for (int32_t j = 0; j < TDL_WINDOW; j++) {
        const int32_t four = tdl_load(window + i * row + j * channels + pair / 2 * 4);
        d[j] = pair % 2 ? tdl_odd_bytes(four) : tdl_even_bytes(four);
      }
      tdl_winograd_input(d[0], d[1], d[2], d[3], rows + i, TDL_WINDOW);
    }
    for (int32_t j = 0; j < TDL_WINDOW; j++) {
      const int32_t *const d = rows + TDL_WINDOW * j;
      tdl_winograd_input(d[0], d[1], d[2], d[3], values + TDL_COLUMN * j, TDL_TILES);
    }
  }
}

static inline const int32_t *tdl_winograd_multiply(int32_t *values, int32_t pairs, const int32_t *weights) {
  int32_t *const sums = values + pairs * TDL_PLANE;
  for (int32_t at = 0; at < TDL_PLANE; at += TDL_TILES, weights += 2 * pairs) {
    const int32_t goes_on = at / TDL_TILES % 2;
    for (int32_t i = 0; i < 2 * TDL_TILES; i++) {
      const int32_t channel = i / TDL_TILES, place = at + i % TDL_TILES;
      int32_t sum = goes_on ? sums[channel * TDL_PLANE + place - TDL_TILES] : 0;
      for (int32_t pair = 0; pair < pairs; pair++)
        sum = tdl_smlad(weights[2 * pair + channel], values[pair * TDL_PLANE + place], sum);
      sums[channel * TDL_PLANE + place] = sum;
    }
  }
  return weights;
}

static inline void tdl_winograd_outputs(const int32_t *sums, const int32_t *channel, tdl_tile *tile,
                                        const tdl_tile *end) {
  for (; tile < end; tile++, sums++) {
    uint32_t upper[TDL_WINDOW], lower[TDL_WINDOW];
    for (int32_t j = 0; j < TDL_WINDOW; j++) {
      const int32_t *const r = sums + TDL_COLUMN * j;
      upper[j] = (uint32_t)r[1 * TDL_TILES] + (uint32_t)r[2 * TDL_TILES];
      lower[j] = (uint32_t)r[3 * TDL_TILES] - (uint32_t)r[0];
    }
    upper[2] += (uint32_t)channel[TDL_START];
    lower[2] += (uint32_t)channel[TDL_START];
    const int32_t a = (int32_t)(upper[2] + upper[0] + upper[1]), b = (int32_t)(upper[2] - upper[0] + upper[3]);
    const int32_t c = (int32_t)(lower[2] + lower[0] + lower[1]), d = (int32_t)(lower[2] - lower[0] + lower[3]);
    int8_t *const y = tile->y++, *const below = y + tile->down;
    below[tile->right] = (int8_t)tdl_output(d >> 1, channel);
    below[0] = (int8_t)tdl_output(c >> 1, channel);
    y[tile->right] = (int8_t)tdl_output(b >> 1, channel);
    y[0] = (int8_t)tdl_output(a >> 1, channel);
  }
}
#endif

#endif
