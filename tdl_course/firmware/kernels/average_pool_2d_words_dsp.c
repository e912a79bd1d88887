/* AVERAGE_POOL_2D, int8, four channels at a time: their sums fill four halfwords, for up to 256 taps. */
#include "tdl_dsp.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

typedef struct {
  int32_t even, odd; /* sums of channels 0 and 2, and of 1 and 3 */
} state;

static inline state begin(const tdl_pool_2d_params *p) {
  (void)p;
  const state zero = {0, 0};
  return zero;
}

static inline state take(state sums, int32_t four) {
  const state more = {tdl_add_even_bytes(sums.even, four), tdl_add_odd_bytes(sums.odd, four)};
  return more;
}

static inline void finish(const tdl_pool_2d_params *p, state sums, int32_t count, int8_t *y) {
  const int32_t half = count / 2;
  const int32_t total[4] = {(int16_t)sums.even, (int16_t)sums.odd, sums.even >> 16, sums.odd >> 16};
  for (int32_t i = 0; i < 4; i++) {
    const int32_t mean = (total[i] > 0 ? total[i] + half : total[i] - half) / count;
    y[i] = (int8_t)tdl_clamp(mean, p->activation_min, p->activation_max);
  }
}

#include "pool_2d_words.h"

void tdl_average_pool_2d_words_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y) { pool_2d(p, x, y); }
