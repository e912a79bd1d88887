/* tdl_dot.h: the inner loop of convolutions and fully connected layers. */
#ifndef TDL_DOT_H
#define TDL_DOT_H

#include <stdint.h>

/* sum over i < length of (x[i] - zero_point) * w[i]. Four steps a turn: the loop's own cost is shared by four products,
 * and loads that follow each other take one cycle instead of two. */
static inline __attribute__((always_inline)) int32_t tdl_dot_from(const int8_t *x, const int8_t *w, int32_t length,
                                                                  int32_t zero_point) {
  int32_t sum = 0;
  for (; length >= 4; length -= 4) {
    sum += (x[0] - zero_point) * w[0];
    sum += (x[1] - zero_point) * w[1];
    sum += (x[2] - zero_point) * w[2];
    sum += (x[3] - zero_point) * w[3];
    x += 4;
    w += 4;
  }
  for (; length > 0; length--) sum += (*x++ - zero_point) * *w++;
  return sum;
}

/* The same for two rows of weights, added to two sums: both rows share the loads of x. */
static inline __attribute__((always_inline)) void tdl_dots_from(const int8_t *x, const int8_t *w, const int8_t *other,
                                                                int32_t length, int32_t zero_point, int32_t *sums) {
  int32_t sum = sums[0], second = sums[1];
  for (; length >= 4; length -= 4) {
    const int32_t a = x[0] - zero_point, b = x[1] - zero_point;
    sum += a * w[0];
    second += a * other[0];
    sum += b * w[1];
    second += b * other[1];
    const int32_t c = x[2] - zero_point, d = x[3] - zero_point;
    sum += c * w[2];
    second += c * other[2];
    sum += d * w[3];
    second += d * other[3];
    x += 4;
    w += 4;
    other += 4;
  }
  for (; length > 0; length--) {
    const int32_t a = *x++ - zero_point;
    sum += a * *w++;
    second += a * *other++;
  }
  sums[0] = sum;
  sums[1] = second;
}

/* The sum of one row; where the zero point is in the bias (or is 0), no value has anything taken from it. */
static inline int32_t tdl_dot(const int8_t *x, const int8_t *w, int32_t length, int32_t zero_point) {
  return zero_point == 0 ? tdl_dot_from(x, w, length, 0) : tdl_dot_from(x, w, length, zero_point);
}

static inline void tdl_dots(const int8_t *x, const int8_t *w, const int8_t *other, int32_t length, int32_t zero_point,
                            int32_t *sums) {
  if (zero_point == 0)
    tdl_dots_from(x, w, other, length, 0, sums);
  else
    tdl_dots_from(x, w, other, length, zero_point, sums);
}

#endif
