/* MEAN, int8.
 *
 *   y[o][m][i] = requantize(sum over r1, r2 of (x[o][r1][m][r2][i] - input_zero_point))
 *
 * x [outer][reduced_1][middle][reduced_2][inner]   y [outer][middle][inner]
 * Any axes of up to five collapse to this pattern; the global average of an image is [N][H * W][C][1][1].
 * The multiplier holds the division by the number of values. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

/* The sum of one output: steps of r1 are `stride` apart, steps of r2 `inner`. */
static int32_t sum(const tdl_mean_params *p, const int8_t *x, int32_t stride) {
  int32_t total = 0;
  for (int32_t r1 = 0; r1 < p->reduced_1; r1++) {
    const int8_t *value = x + r1 * stride;
    for (int32_t r2 = 0; r2 < p->reduced_2; r2++) {
      total += *value;
      value += p->inner;
    }
  }
  return total;
}

void tdl_mean_s8(const tdl_mean_params *p, const int8_t *x, int8_t *y) {
  const int32_t stride = p->middle * p->reduced_2 * p->inner;
  const int32_t zero = p->input_zero_point * p->reduced_1 * p->reduced_2;

  for (int32_t o = 0; o < p->outer; o++) {
    for (int32_t m = 0; m < p->middle; m++) {
      for (int32_t i = 0; i < p->inner; i++) {
        const int32_t total = sum(p, x + m * p->reduced_2 * p->inner + i, stride);
        *y++ = tdl_requantize(total - zero, p->multiplier, p->shift, p->output_zero_point, INT8_MIN, INT8_MAX);
      }
    }
    x += p->reduced_1 * stride;
  }
}
