/* fully_connected_loops.h: FULLY_CONNECTED for any type of number.
 *
 *   y[r][o] = output(o, sum over i of weights[o][i] * (x[r][i] - input_zero_point))
 *
 * x [rows][inputs]   weights [outputs][inputs]   y [rows][outputs]
 * r: row   o: output   i: input
 *
 * The file that includes this one includes before a header tdl_numbers_*.h, which gives `value`, `dot`, `output` ... */
#ifndef FULLY_CONNECTED_LOOPS_H
#define FULLY_CONNECTED_LOOPS_H

#include "tdl_kernels.h"

static inline void fully_connected(const tdl_fully_connected_params *p, const value *x, value *y) {
  const int32_t inputs = p->inputs;

  for (int32_t r = 0; r < p->rows; r++) {
    cursor weights = weight(p->weights, 0);
    int32_t o = 0;
    for (; o + 2 <= p->outputs; o += 2) {
      total sums[2] = {0, 0};
      dots(x, weights, skip(weights, inputs), inputs, p->input_zero_point, sums);
      for (int32_t i = 0; i < 2; i++)
        *y++ = output(sums[i], p->bias, p->multiplier, p->shift, o + i, p->output_zero_point, p->activation_min,
                      p->activation_max);
      weights = skip(weights, 2 * inputs);
    }
    if (o < p->outputs) {
      *y++ = output(dot(x, weights, inputs, p->input_zero_point), p->bias, p->multiplier, p->shift, o,
                    p->output_zero_point, p->activation_min, p->activation_max);
    }
    x += inputs;
  }
}

#endif
