/* PRELU, int8.
 *
 *   y = requantize(a - a_zero_point)                           where a is at least its zero point
 *   y = requantize((a - a_zero_point) * (b - b_zero_point))    elsewhere, with a multiplier of its own
 *
 * a: input   b: slope of negative values
 * y [rows][length]; rows along the outer axes (tdl_axes.h); a step of 0 repeats an operand. */
#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

void tdl_prelu_s8(const tdl_prelu_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  for (int32_t row = 0; row < p->rows; row++) {
    const int8_t *x = a + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_a_steps, row);
    const int8_t *slope = b + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_b_steps, row);
    for (int32_t i = 0; i < p->length; i++) {
      const int32_t value = *x - p->a_zero_point;
      if (value >= 0) {
        *y++ =
            tdl_requantize(value, p->positive_multiplier, p->positive_shift, p->output_zero_point, INT8_MIN, INT8_MAX);
      } else {
        *y++ = tdl_requantize(value * (*slope - p->b_zero_point), p->negative_multiplier, p->negative_shift,
                              p->output_zero_point, INT8_MIN, INT8_MAX);
      }
      x += p->a_step;
      slope += p->b_step;
    }
  }
}
