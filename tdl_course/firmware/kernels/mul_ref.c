/* MUL, int8.
 *
 *   y = requantize((a - a_zero_point) * (b - b_zero_point))
 *
 * y [rows][length]; rows along the outer axes (tdl_axes.h); a step of 0 repeats an operand. */
#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

void tdl_mul_s8(const tdl_mul_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  for (int32_t row = 0; row < p->rows; row++) {
    const int8_t *x1 = a + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_a_steps, row);
    const int8_t *x2 = b + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_b_steps, row);
    for (int32_t i = 0; i < p->length; i++) {
      const int32_t product = (*x1 - p->a_zero_point) * (*x2 - p->b_zero_point);
      *y++ =
          tdl_requantize(product, p->multiplier, p->shift, p->output_zero_point, p->activation_min, p->activation_max);
      x1 += p->a_step;
      x2 += p->b_step;
    }
  }
}
