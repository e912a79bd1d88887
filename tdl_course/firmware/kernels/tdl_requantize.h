/* tdl_requantize.h: fixed-point scaling, the one place where sums become int8 or int16.
 *
 *   y = clamp(zero_point + round(x * multiplier * 2^(shift - 31)), low, high)
 *
 * Rounding, stated once. The product is rounded twice, as TensorFlow Lite does:
 *   1. to bit 31, halves up:                      h = floor((2 * x * multiplier + 2^31) / 2^32)
 *   2. after the right shift, halves away from 0: r = sign(h) * floor(|h| / 2^n + 1/2)
 * A left shift (shift > 0) comes first and wraps at 32 bits; there is no second rounding then.
 *
 * A sum of 48 bits is rounded once, halves up, by a multiplier in Q15 (tdl_scale_wide).
 *
 * multiplier: Q31, 0 or in [2^30, 2^31); shift: -31 to 31. Twin in Python: tdl_course/ops/fixed_point.py. */
#ifndef TDL_REQUANTIZE_H
#define TDL_REQUANTIZE_H

#include <stdint.h>

_Static_assert((INT64_C(-1) >> 1) == -1, "right shifts of negative numbers must be arithmetic");

/* a * b / 2^31, halves up. -2^31 * -2^31 does not fit and becomes 2^31 - 1. */
static inline int32_t tdl_multiply_high(int32_t a, int32_t b) {
  const int64_t rounded = ((int64_t)a * b + (INT64_C(1) << 30)) >> 31;
  return rounded > INT32_MAX ? INT32_MAX : (int32_t)rounded;
}

/* x / 2^exponent, halves away from zero; exponent 0 to 31. */
static inline int32_t tdl_divide_by_power_of_two(int32_t x, int32_t exponent) {
  const uint32_t mask = (UINT32_C(1) << exponent) - 1u;
  const uint32_t remainder = (uint32_t)x & mask;
  const uint32_t half = (mask >> 1) + (x < 0 ? 1u : 0u);
  return (x >> exponent) + (remainder > half ? 1 : 0);
}

/* x * multiplier * 2^(shift - 31), for a multiplier that is not negative. */
static inline int32_t tdl_scale(int32_t x, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  const int32_t shifted = (int32_t)((uint32_t)x << left);
  const int32_t high = (int32_t)(((int64_t)shifted * multiplier + (INT64_C(1) << 30)) >> 31);
  return tdl_divide_by_power_of_two(high, right);
}

static inline int32_t tdl_clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : (x > high ? high : x); }

/* An accumulator as an output: scale, add the zero point, clamp. */
static inline int32_t tdl_requantized(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t zero_point,
                                      int32_t low, int32_t high) {
  const uint32_t offset = (uint32_t)tdl_scale(accumulator, multiplier, shift) + (uint32_t)zero_point;
  return tdl_clamp((int32_t)offset, low, high);
}

/* The same as int8. */
static inline int8_t tdl_requantize(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t zero_point,
                                    int32_t low, int32_t high) {
  return (int8_t)tdl_requantized(accumulator, multiplier, shift, zero_point, low, high);
}

/* x * multiplier * 2^(shift - 15), halves up, for |x| < 2^47, a multiplier below 2^15, a shift of -31 to 7. */
static inline int32_t tdl_scale_wide(int64_t x, int32_t multiplier, int32_t shift) {
  const int32_t right = 15 - shift;
  return (int32_t)((x * multiplier + (INT64_C(1) << (right - 1))) >> right);
}

#endif
