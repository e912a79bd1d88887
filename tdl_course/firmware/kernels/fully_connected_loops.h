/* fully_connected_loops.h: FULLY_CONNECTED for any type of number.
 *
 *   y[r][o] = finish(o, sum over i of weights[o][i] * (x[r][i] - input_zero_point))
 *
 * x [rows][inputs]   weights [outputs][inputs]   y [rows][outputs]
 * r: row   o: output   i: input
 *
 * The file that includes this one says before what a number is: `value`, the type of x and y; `total`, that of a sum;
 *   total dot(const value *x, const int8_t *weights, int32_t first, int32_t length, int32_t zero_point)
 *       sum over i < length of (x[i] - zero_point) * weight number (first + i)
 *   value finish(const tdl_fully_connected_params *p, int32_t o, total sum)
 *       bias, scaling, clamp */
#ifndef FULLY_CONNECTED_LOOPS_H
#define FULLY_CONNECTED_LOOPS_H

#include "tdl_kernels.h"

static inline void fully_connected(const tdl_fully_connected_params *p, const value *x, value *y) {
  const int32_t inputs = p->inputs;

  for (int32_t r = 0; r < p->rows; r++) {
    int32_t weights = 0;
    for (int32_t o = 0; o < p->outputs; o++) {
      *y++ = finish(p, o, dot(x, p->weights, weights, inputs, p->input_zero_point));
      weights += inputs;
    }
    x += inputs;
  }
}

#endif
