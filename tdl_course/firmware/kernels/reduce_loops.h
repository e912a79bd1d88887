/* reduce_loops.h: MEAN and SUM for any type of number.
 *
 *   y[o] = requantized(sum over r of (x[o][r] - input_zero_point))
 *
 * x [kept axes and reduced axes in any order]   y [outputs], in the order of the kept axes
 * o: output   r: value of its sum. The innermost of the reduced axes is a run of `length` values, `step` apart; the
 * others are outside of it (tdl_axes.h). The multiplier of MEAN holds the division by the number of values.
 *
 * The file that includes this one says before what a `value` is, the type of x and y, and its bounds LOW and HIGH. */
#ifndef REDUCE_LOOPS_H
#define REDUCE_LOOPS_H

#include "tdl_axes.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

static inline void reduce(const tdl_reduce_params *p, const value *x, value *y) {
  const int32_t zero = p->input_zero_point * p->runs * p->length;

  for (int32_t o = 0; o < p->outputs; o++) {
    const value *first = x + tdl_axes_offset(p->kept_axes, p->kept_lengths, p->kept_x_steps, o);
    int32_t total = 0;
    for (int32_t run = 0; run < p->runs; run++) {
      const value *at = first + tdl_axes_offset(p->outer_axes, p->outer_lengths, p->outer_x_steps, run);
      for (int32_t i = 0; i < p->length; i++) {
        total += *at;
        at += p->step;
      }
    }
    y[o] = (value)tdl_requantized(total - zero, p->multiplier, p->shift, p->output_zero_point, LOW, HIGH);
  }
}

#endif
