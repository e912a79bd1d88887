/* MAX_POOL_2D, int8, four channels at a time: SSUB8 compares four bytes, SEL takes the larger of each. */
#include "tdl_dsp.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

typedef int32_t state; /* four maxima */

static inline state begin(const tdl_pool_2d_params *p) {
  return (int32_t)(((uint32_t)p->activation_min & 0xFFu) * 0x01010101u);
}

static inline state take(state largest, int32_t four) { return tdl_larger_bytes(largest, four); }

static inline void finish(const tdl_pool_2d_params *p, state largest, int32_t count, int8_t *y) {
  (void)count;
  for (int32_t i = 0; i < 4; i++, largest >>= 8) y[i] = (int8_t)tdl_clamp((int8_t)largest, INT8_MIN, p->activation_max);
}

#include "pool_2d_words.h"

void tdl_max_pool_2d_words_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y) { pool_2d(p, x, y); }
