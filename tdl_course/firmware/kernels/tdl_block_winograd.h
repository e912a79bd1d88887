/* tdl_block_winograd.h: three tiles of a convolution by Winograd, the inner loops.
 *
 * See conv_2d_winograd_dsp.c for the arithmetic. Words of values hold two channels: of each four, 0 and 2, then 1 and 3.
 * Positions (i, j) of a tile lie column by column, at 4 * j + i.
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

/* B d: four rows, or columns, of a window, `step` words apart. */
static inline void tdl_winograd_input(int32_t d0, int32_t d1, int32_t d2, int32_t d3, int32_t *to, int32_t step) {
  to[0] = tdl_subtract_halfwords(d2, d1);
  to[step] = tdl_subtract_halfwords(d0, d2);
  to[2 * step] = tdl_add_halfwords(d1, d2);
  to[3 * step] = tdl_subtract_halfwords(d3, d1);
}

/* The values V of one tile, from its window; rows are `row` bytes apart. */
static inline void tdl_winograd_values(const int8_t *window, int32_t row, int32_t channels, int32_t *values) {
  for (int32_t c = 0; c < channels; c += 4, values += 2 * TDL_PLANE, window += 4) {
    int32_t even[TDL_POSITIONS], odd[TDL_POSITIONS];
    for (int32_t j = 0; j < TDL_WINDOW; j++) {
      const int8_t *d = window + j * channels;
      const int32_t d0 = tdl_load(d), d1 = tdl_load(d + row), d2 = tdl_load(d + 2 * row), d3 = tdl_load(d + 3 * row);
      tdl_winograd_input(tdl_even_bytes(d0), tdl_even_bytes(d1), tdl_even_bytes(d2), tdl_even_bytes(d3), even + 4 * j, 1);
      tdl_winograd_input(tdl_odd_bytes(d0), tdl_odd_bytes(d1), tdl_odd_bytes(d2), tdl_odd_bytes(d3), odd + 4 * j, 1);
    }
    for (int32_t i = 0; i < TDL_WINDOW; i++) {
      int32_t *const to = values + TDL_TILES * i;
      tdl_winograd_input(even[i], even[4 + i], even[8 + i], even[12 + i], to, TDL_COLUMN);
      tdl_winograd_input(odd[i], odd[4 + i], odd[8 + i], odd[12 + i], to + TDL_PLANE, TDL_COLUMN);
    }
  }
}

/* The outputs of one tile in one channel: A M A', then scaled. Sums may wrap; the last ones, 4 times what they stand for,
 * fit. At position (2, 2), which counts once in each output, comes the bias. Outputs that the image does not have are
 * stored where another one overwrites them. */
static inline void tdl_winograd_outputs(const int32_t *sums, const int32_t *channel, const tdl_tile *tile,
                                        int32_t index) {
  uint32_t upper[TDL_WINDOW], lower[TDL_WINDOW];
  for (int32_t j = 0; j < TDL_WINDOW; j++, sums += TDL_COLUMN) {
    upper[j] = (uint32_t)sums[1 * TDL_TILES] + (uint32_t)sums[2 * TDL_TILES];
    lower[j] = (uint32_t)sums[3 * TDL_TILES] - (uint32_t)sums[0];
  }
  upper[2] += (uint32_t)channel[TDL_START];
  lower[2] += (uint32_t)channel[TDL_START];
  const int32_t a = (int32_t)(upper[0] + upper[1] + upper[2]), b = (int32_t)(upper[2] + upper[3] - upper[0]);
  const int32_t c = (int32_t)(lower[0] + lower[1] + lower[2]), d = (int32_t)(lower[2] + lower[3] - lower[0]);
  int8_t *const y = tile->y + index, *const below = y + tile->down;
  below[tile->right] = (int8_t)tdl_output(d >> 1, channel);
  below[0] = (int8_t)tdl_output(c >> 1, channel);
  y[tile->right] = (int8_t)tdl_output(b >> 1, channel);
  y[0] = (int8_t)tdl_output(a >> 1, channel);
}

/* tdl_winograd_multiply: the sums of two output channels; `pairs` of input channels, a multiple of four. Returns where
 * the weights of the next two are. */
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_winograd_cortex_m4.h"
#else
static inline const int32_t *tdl_winograd_multiply(int32_t *values, int32_t pairs, const int32_t *weights) {
  int32_t *const sums = values + pairs * TDL_PLANE;
  for (int32_t at = 0; at < TDL_PLANE; at += TDL_TILES) {
    const int32_t continued = at / TDL_TILES % 2;
    for (int32_t i = 0; i < 2 * TDL_TILES; i++) {
      const int32_t place = at + i / TDL_TILES * TDL_PLANE + i % TDL_TILES;
      int32_t sum = continued ? sums[place - TDL_TILES] : 0;
      for (int32_t p = 0; p < pairs; p++)
        sum = tdl_smlad(weights[2 * p + i / TDL_TILES], values[p * TDL_PLANE + at + i % TDL_TILES], sum);
      sums[place] = sum;
    }
    weights += 2 * pairs;
  }
  return weights;
}
#endif

#endif
