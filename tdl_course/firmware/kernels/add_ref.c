/* ADD and SUB, int8.
 *
 *   y = requantize(scale_a((a - a_zero_point) * 2^20) + b_sign * scale_b((b - b_zero_point) * 2^20))
 *
 * Both operands go to one scale, twice the larger of theirs; 2^20 keeps the bits that this would lose, and is part of
 * the output's multiplier. |a - zero_point| < 2^8, so 2^28 at most, and their sum fits an int32.
 * y [rows][length]; rows along the outer axes (tdl_axes.h); a step of 0 repeats an operand.
 * b_sign: 1 for ADD, -1 for SUB. */
#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

enum { EXTRA = 1 << 20 };

void tdl_add_s8(const tdl_add_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  for (int32_t row = 0; row < p->rows; row++) {
    const int8_t *x1 = a + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_a_steps, row);
    const int8_t *x2 = b + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_b_steps, row);
    for (int32_t i = 0; i < p->length; i++) {
      const int32_t first = tdl_scale((*x1 - p->a_zero_point) * EXTRA, p->a_multiplier, p->a_shift);
      const int32_t second = tdl_scale((*x2 - p->b_zero_point) * EXTRA, p->b_multiplier, p->b_shift);
      *y++ = tdl_requantize(first + p->b_sign * second, p->output_multiplier, p->output_shift, p->output_zero_point,
                            p->activation_min, p->activation_max);
      x1 += p->a_step;
      x2 += p->b_step;
    }
  }
}
