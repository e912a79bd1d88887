/* SOFTMAX, int16 of zero point 0 to int16 of scale 1/32768.
 *
 *   y[r][c] = exp(d[c]) / sum over c of exp(d[c]),   d[c] = beta * scale * (x[r][c] - max of x[r]), at least -10
 *
 * x, y [rows][depth]. May run in place: y holds the exponentials until their sum is known.
 * exponential, reciprocal [513]: exp over -10 to 0 and 1 / (1 + x) over 0 to 1, in Q0.15, as straight lines. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

/* The function of a table at x, from -32768, the low end of its interval, to 32767. */
static int32_t interpolated(const int16_t *table, int32_t x) {
  const int32_t inside = tdl_clamp(x, INT16_MIN, INT16_MAX);
  const int16_t *step = table + 256 + (inside >> 7);
  return step[0] + (((step[1] - step[0]) * (inside & 127) + 64) >> 7);
}

/* Bits of a positive number, its leading one included. */
static int32_t bit_length(int32_t x) {
  int32_t bits = 0;
  for (; x != 0; x >>= 1) bits++;
  return bits;
}

static void row(const tdl_softmax_s16_params *p, const int16_t *x, int16_t *y) {
  int32_t largest = INT16_MIN;
  for (int32_t c = 0; c < p->depth; c++) largest = x[c] > largest ? x[c] : largest;

  int32_t sum = 0;
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t scaled = tdl_scale(x[c] - largest, p->input_multiplier, p->input_shift);
    y[c] = (int16_t)interpolated(p->exponential, scaled + INT16_MAX);
    sum += y[c];
  }

  /* sum = mantissa * 2^(bits - 17), mantissa from 2^16 to 2^17: 1 + f with f in Q0.16, whose reciprocal is tabled */
  const int32_t bits = bit_length(sum);
  const int32_t mantissa = (int32_t)((((int64_t)sum << (31 - bits)) + (1 << 13)) >> 14);
  const int32_t inverse = interpolated(p->reciprocal, mantissa - (1 << 16) - (1 << 15));
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t probability = (y[c] * inverse + (1 << (bits - 2))) >> (bits - 1);
    y[c] = (int16_t)tdl_clamp(probability, 0, INT16_MAX);
  }
}

void tdl_softmax_s16(const tdl_softmax_s16_params *p, const int16_t *x, int16_t *y) {
  for (int32_t r = 0; r < p->rows; r++) row(p, x + r * p->depth, y + r * p->depth);
}
