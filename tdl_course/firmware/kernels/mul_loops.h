/* mul_loops.h: MUL for any type of number.
 *
 *   y = requantized((a - a_zero_point) * (b - b_zero_point))
 *
 * y [rows][length]; rows along the outer axes (tdl_axes.h); a step of 0 repeats an operand.
 *
 * The file that includes this one says before what a `value` is, the type of a, b and y. */
#ifndef MUL_LOOPS_H
#define MUL_LOOPS_H

#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

static inline void mul(const tdl_mul_params *p, const value *a, const value *b, value *y) {
  for (int32_t row = 0; row < p->rows; row++) {
    const value *x1 = a + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_a_steps, row);
    const value *x2 = b + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_b_steps, row);
    for (int32_t i = 0; i < p->length; i++) {
      const int32_t product = (*x1 - p->a_zero_point) * (*x2 - p->b_zero_point);
      *y++ = (value)tdl_requantized(product, p->multiplier, p->shift, p->output_zero_point, p->activation_min,
                                    p->activation_max);
      x1 += p->a_step;
      x2 += p->b_step;
    }
  }
}

#endif
