/* add_loops.h: ADD and SUB for any type of number.
 *
 *   y = requantized(scale_a((a - a_zero_point) * EXTRA) + b_sign * scale_b((b - b_zero_point) * EXTRA))
 *
 * Both operands go to one scale, twice the larger of theirs; EXTRA keeps the bits that this would lose, and is part of
 * the output's multiplier. The products stay under 2^30, halved by their scale, so that the sum fits an int32.
 * y [rows][length]; rows along the outer axes (tdl_axes.h); a step of 0 repeats an operand.
 * b_sign: 1 for ADD, -1 for SUB.
 *
 * The file that includes this one says before what a `value` is, the type of a, b and y, and EXTRA. */
#ifndef ADD_LOOPS_H
#define ADD_LOOPS_H

#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

static inline void add(const tdl_add_params *p, const value *a, const value *b, value *y) {
  for (int32_t row = 0; row < p->rows; row++) {
    const value *x1 = a + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_a_steps, row);
    const value *x2 = b + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_b_steps, row);
    for (int32_t i = 0; i < p->length; i++) {
      const int32_t first = tdl_scale((*x1 - p->a_zero_point) * EXTRA, p->a_multiplier, p->a_shift);
      const int32_t second = tdl_scale((*x2 - p->b_zero_point) * EXTRA, p->b_multiplier, p->b_shift);
      *y++ = (value)tdl_requantized(first + p->b_sign * second, p->output_multiplier, p->output_shift,
                                    p->output_zero_point, p->activation_min, p->activation_max);
      x1 += p->a_step;
      x2 += p->b_step;
    }
  }
}

#endif
