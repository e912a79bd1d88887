/* tdl_dot.h: the inner loop of convolutions and fully connected layers. */
#ifndef TDL_DOT_H
#define TDL_DOT_H

#include <stdint.h>

/* sum over i < length of (x[i] - zero_point) * w[i]. Four steps a turn: the loop's own cost is shared by four products,
 * and loads that follow each other take one cycle instead of two. */
static inline int32_t tdl_dot(const int8_t *x, const int8_t *w, int32_t length, int32_t zero_point) {
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

/* Number `index` of packed int4 values, -8 to 7. */
static inline int32_t tdl_int4(const int8_t *packed, int32_t index) {
  const int32_t pair = packed[index >> 1];
  return (index & 1) != 0 ? pair >> 4 : (int32_t)((uint32_t)pair << 28) >> 28;
}

/* tdl_dot with the packed int4 weights first, first + 1, ... One load gives two of them. */
static inline int32_t tdl_dot_s4(const int8_t *x, const int8_t *packed, int32_t first, int32_t length,
                                 int32_t zero_point) {
  int32_t sum = 0;
  if ((first & 1) != 0 && length > 0) {
    sum = (*x++ - zero_point) * tdl_int4(packed, first++);
    length--;
  }
  for (packed += first >> 1; length >= 2; length -= 2) {
    const int32_t pair = *packed++;
    sum += (x[0] - zero_point) * ((int32_t)((uint32_t)pair << 28) >> 28);
    sum += (x[1] - zero_point) * (pair >> 4);
    x += 2;
  }
  return length > 0 ? sum + (*x - zero_point) * tdl_int4(packed, 0) : sum;
}

/* sum over i < length of x[i] * w[i], for int16 values, whose zero point is 0. */
static inline int64_t tdl_dot_s16(const int16_t *x, const int8_t *w, int32_t length) {
  int64_t sum = 0;
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

#endif
