/* SOFTMAX, int8 to int8 of scale 1/256 and zero point -128.
 *
 *   y[r][c] = round(256 * exp(d[c]) / sum over c of exp(d[c])) - 128,   d[c] = beta * scale * (x[r][c] - max of x[r])
 *
 * x, y [rows][depth]. May run in place.
 * Qa.b: an int32 with a integer and b fractional bits. d is Q5.26, exponentials Q0.31, their sum unsigned Q13.19. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

enum { SUM_BITS = 12, OUTPUT_BITS = 8 };
static const int32_t EXP_MINUS_EIGHTH = 1895147668; /* exp(-1/8), Q0.31 */
static const int32_t ONE_THIRD = 715827883;         /* Q0.31 */

/* x * 2^bits, saturating. */
static int32_t shift_left(int32_t x, int32_t bits) {
  const int64_t wide = (int64_t)x * (INT64_C(1) << bits);
  return wide > INT32_MAX ? INT32_MAX : (wide < INT32_MIN ? INT32_MIN : (int32_t)wide);
}

/* exp(x) for x in [-1/4, 0), Q0.31: with t = x + 1/8, exp(-1/8) * (1 + t + t^2/2 + t^3/6 + t^4/24). */
static int32_t exp_of_fraction(int32_t x) {
  const int32_t t = x + (INT32_C(1) << 28);
  const int32_t t2 = tdl_multiply_high(t, t);
  const int32_t t3 = tdl_multiply_high(t2, t);
  const int32_t t4 = tdl_multiply_high(t2, t2);
  const int32_t cubic = tdl_multiply_high(tdl_divide_by_power_of_two(t4, 2) + t3, ONE_THIRD);
  const int32_t tail = tdl_divide_by_power_of_two(cubic + t2, 1);
  return EXP_MINUS_EIGHTH + tdl_multiply_high(EXP_MINUS_EIGHTH, t + tail);
}

/* exp(x) for x <= 0, Q5.26 -> Q0.31. x = fraction - (a sum of powers of two from 1/4 to 16). */
static int32_t exp_of_negative(int32_t x) {
  static const int32_t exp_of_minus_powers[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const int32_t quarter = INT32_C(1) << 24;
  const int32_t fraction = (x & (quarter - 1)) - quarter;
  const int32_t remainder = fraction - x;
  int32_t result = exp_of_fraction(fraction * 32);

  if (x == 0) return INT32_MAX;
  for (int32_t i = 0; i < 7; i++) {
    if (remainder & (INT32_C(1) << (24 + i))) result = tdl_multiply_high(result, exp_of_minus_powers[i]);
  }
  return result;
}

static int32_t leading_zeros(uint32_t x) {
  int32_t zeros = 0;
  while ((x & UINT32_C(0x80000000)) == 0) {
    x <<= 1;
    zeros++;
  }
  return zeros;
}

/* 1 / mantissa, Q0.31, where mantissa is in [1, 2) and given as (mantissa - 1) in Q0.31.
 * Newton-Raphson on d = mantissa / 2 from 48/17 - 32/17 * d; estimates are Q2.29. */
static int32_t reciprocal(int32_t mantissa_minus_one) {
  const int32_t half = (int32_t)(((int64_t)mantissa_minus_one + INT32_MAX + 1) / 2);
  int32_t estimate = 1515870810 + tdl_multiply_high(half, -1010580540);
  for (int32_t i = 0; i < 3; i++) {
    const int32_t error = (INT32_C(1) << 29) - tdl_multiply_high(half, estimate);
    estimate += shift_left(tdl_multiply_high(estimate, error), 2);
  }
  return shift_left(estimate, 1);
}

void tdl_softmax_s8(const tdl_softmax_params *p, const int8_t *x, int8_t *y) {
  for (int32_t r = 0; r < p->rows; r++) {
    int32_t largest = INT8_MIN;
    for (int32_t c = 0; c < p->depth; c++) largest = x[c] > largest ? x[c] : largest;

    uint32_t sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
      const int32_t difference = x[c] - largest;
      if (difference < p->smallest_difference) continue;
      const int32_t scaled = tdl_scale(difference, p->input_multiplier, p->input_shift);
      sum += (uint32_t)tdl_divide_by_power_of_two(exp_of_negative(scaled), SUM_BITS);
    }

    /* 1 / sum = inverse * 2^-(SUM_BITS - zeros); an exponent over 31 leaves nothing */
    const int32_t zeros = leading_zeros(sum);
    const int32_t inverse = reciprocal((int32_t)((sum << zeros) - UINT32_C(0x80000000)));
    const int32_t exponent = SUM_BITS - zeros + 31 - OUTPUT_BITS;

    for (int32_t c = 0; c < p->depth; c++) {
      const int32_t difference = x[c] - largest;
      int32_t probability = 0;
      if (difference >= p->smallest_difference && exponent <= 31) {
        const int32_t scaled = tdl_scale(difference, p->input_multiplier, p->input_shift);
        probability = tdl_divide_by_power_of_two(tdl_multiply_high(inverse, exp_of_negative(scaled)), exponent);
      }
      y[c] = (int8_t)tdl_clamp(probability + INT8_MIN, INT8_MIN, INT8_MAX);
    }
    x += p->depth;
    y += p->depth;
  }
}
