/* tdl_numbers_s16.h: int16 values of zero point 0, int8 weights, int64 sums and biases.
 * The words are those of tdl_numbers_s8.h. */
#ifndef TDL_NUMBERS_H
#define TDL_NUMBERS_H

#include <stdint.h>
#include "tdl_requantize.h"

typedef int16_t value;
typedef int64_t total;
typedef const int8_t *cursor;

static inline cursor weight(const int8_t *weights, int32_t i) { return weights + i; }
static inline cursor skip(cursor w, int32_t count) { return w + count; }

static inline total product(value x, int32_t zero_point, cursor w, int32_t i) {
  (void)zero_point;
  return x * w[i];
}

/* Four steps a turn, as in tdl_dot.h. */
static inline total dot(const value *x, cursor w, int32_t length, int32_t zero_point) {
  (void)zero_point;
  total sum = 0;
  for (; length >= 4; length -= 4) {
    sum += x[0] * w[0];
    sum += x[1] * w[1];
    sum += x[2] * w[2];
    sum += x[3] * w[3];
    x += 4;
    w += 4;
  }
  for (; length > 0; length--) sum += *x++ * *w++;
  return sum;
}

static inline void dots(const value *x, cursor w, cursor other, int32_t length, int32_t zero_point, total *sums) {
  sums[0] += dot(x, w, length, zero_point);
  sums[1] += dot(x, other, length, zero_point);
}

/* The sum of a channel and its bias (null: none) as an output. A multiplier in Q31 asks for arithmetic in 32 bits, as
 * models with int32 biases have it; a sum that does not fit wraps. */
static inline value output(total sum, const int64_t *bias, const int32_t *multiplier, const int32_t *shift,
                           int32_t channel, int32_t zero_point, int32_t low, int32_t high) {
  const total accumulator = bias != 0 ? bias[channel] + sum : sum;
  const int32_t factor = multiplier[channel];
  const int32_t scaled = factor < (1 << 15) ? tdl_scale_wide(accumulator, factor, shift[channel])
                                            : tdl_scale((int32_t)(uint32_t)accumulator, factor, shift[channel]);
  (void)zero_point;
  return (value)tdl_clamp(scaled, low, high);
}

#endif
