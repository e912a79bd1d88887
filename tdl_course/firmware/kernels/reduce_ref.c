/* MEAN and SUM, int8.
 *
 *   y[o] = requantize(sum over r of (x[o][r] - input_zero_point))
 *
 * x [kept axes and reduced axes in any order]   y [outputs], in the order of the kept axes
 * o: output   r: value of its sum. The innermost of the reduced axes is a run of `length` values, `step` apart; the
 * others are outside of it (tdl_axes.h). The multiplier of MEAN holds the division by the number of values. */
#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

void tdl_reduce_s8(const tdl_reduce_params *p, const int8_t *x, int8_t *y) {
  const int32_t zero = p->input_zero_point * p->runs * p->length;

  for (int32_t o = 0; o < p->outputs; o++) {
    const int8_t *first = x + tdl_axes_offset(p->kept_axes, p->kept_lengths, p->kept_x_steps, o);
    int32_t total = 0;
    for (int32_t run = 0; run < p->runs; run++) {
      const int8_t *value = first + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_x_steps, run);
      for (int32_t i = 0; i < p->length; i++) {
        total += *value;
        value += p->step;
      }
    }
    y[o] = tdl_requantize(total - zero, p->multiplier, p->shift, p->output_zero_point, INT8_MIN, INT8_MAX);
  }
}
