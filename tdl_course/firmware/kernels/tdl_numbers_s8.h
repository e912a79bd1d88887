/* tdl_numbers_s8.h: int8 values and weights, int32 sums and biases.
 *
 * A header tdl_numbers_*.h says what a number is; the loops of the operators with weights are written in these words:
 *   value     type of inputs and outputs                 total     type of a weighted sum
 *   cursor    place in the weights;  weight(weights, i): the place of number i;  skip(w, n): the place n further on
 *   product   (x - zero_point) * w[i]                    dot       sum over i < length of (x[i] - zero_point) * w[i]
 *   dots      the same of two places w, added to two sums
 *   output    bias, scaling, zero point, clamp */
#ifndef TDL_NUMBERS_H
#define TDL_NUMBERS_H

#include <stdint.h>
#include "tdl_dot.h"
#include "tdl_requantize.h"

typedef int8_t value;
typedef int32_t total;
typedef const int8_t *cursor;

static inline cursor weight(const int8_t *weights, int32_t i) { return weights + i; }
static inline cursor skip(cursor w, int32_t count) { return w + count; }

static inline total product(value x, int32_t zero_point, cursor w, int32_t i) { return (x - zero_point) * w[i]; }

static inline total dot(const value *x, cursor w, int32_t length, int32_t zero_point) {
  return tdl_dot(x, w, length, zero_point);
}

static inline void dots(const value *x, cursor w, cursor other, int32_t length, int32_t zero_point, total *sums) {
  tdl_dots(x, w, other, length, zero_point, sums);
}

/* The sum of a channel and its bias (null: none) as an output. */
static inline value output(total sum, const int32_t *bias, const int32_t *multiplier, const int32_t *shift,
                           int32_t channel, int32_t zero_point, int32_t low, int32_t high) {
  const total accumulator = bias != 0 ? bias[channel] + sum : sum;
  return tdl_requantize(accumulator, multiplier[channel], shift[channel], zero_point, low, high);
}

#endif
