/* tdl_numbers_s4.h: int8 values, int4 weights (two in a byte, the first in its low half), int32 sums and biases.
 * The words are those of tdl_numbers_s8.h. */
#ifndef TDL_NUMBERS_H
#define TDL_NUMBERS_H

#include <stdint.h>
#include "tdl_requantize.h"

typedef int8_t value;
typedef int32_t total;
typedef struct {
  const int8_t *packed;
  int32_t index;
} cursor;

static inline cursor weight(const int8_t *weights, int32_t i) { return (cursor){weights, i}; }
static inline cursor skip(cursor w, int32_t count) { return (cursor){w.packed, w.index + count}; }

static inline int32_t low_half(int32_t pair) { return (int32_t)((uint32_t)pair << 28) >> 28; }
static inline int32_t high_half(int32_t pair) { return pair >> 4; }

static inline total product(value x, int32_t zero_point, cursor w, int32_t i) {
  const int32_t pair = w.packed[(w.index + i) >> 1];
  return (x - zero_point) * (((w.index + i) & 1) != 0 ? high_half(pair) : low_half(pair));
}

/* One load gives two weights. */
static inline total dot(const value *x, cursor w, int32_t length, int32_t zero_point) {
  const int8_t *pairs = w.packed + ((w.index + 1) >> 1);
  total sum = 0;
  if ((w.index & 1) != 0 && length > 0) {
    sum = (*x++ - zero_point) * high_half(pairs[-1]);
    length--;
  }
  for (; length >= 2; length -= 2) {
    const int32_t pair = *pairs++;
    sum += (x[0] - zero_point) * low_half(pair);
    sum += (x[1] - zero_point) * high_half(pair);
    x += 2;
  }
  return length > 0 ? sum + (*x - zero_point) * low_half(*pairs) : sum;
}

static inline void dots(const value *x, cursor w, cursor other, int32_t length, int32_t zero_point, total *sums) {
  sums[0] += dot(x, w, length, zero_point);
  sums[1] += dot(x, other, length, zero_point);
}

/* The sum of a channel and its bias (null: none) as an output. */
static inline value output(total sum, const int32_t *bias, const int32_t *multiplier, const int32_t *shift,
                           int32_t channel, int32_t zero_point, int32_t low, int32_t high) {
  const total accumulator = bias != 0 ? bias[channel] + sum : sum;
  return tdl_requantize(accumulator, multiplier[channel], shift[channel], zero_point, low, high);
}

#endif
