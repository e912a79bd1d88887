/* FULLY_CONNECTED, int8.
 *
 *   y[r][o] = requantize(bias[o] + sum over i of weights[o][i] * (x[r][i] - input_zero_point))
 *
 * x [rows][inputs]   weights [outputs][inputs]   y [rows][outputs]
 * r: row   o: output   i: input */
#include "tdl_dot.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"

void tdl_fully_connected_s8(const tdl_fully_connected_params *p, const int8_t *x, int8_t *y) {
  const int32_t inputs = p->inputs;

  for (int32_t r = 0; r < p->rows; r++) {
    const int8_t *weights = p->weights;
    for (int32_t o = 0; o < p->outputs; o++) {
      int32_t accumulator = p->bias != 0 ? p->bias[o] : 0;
      accumulator += tdl_dot(x, weights, inputs, p->input_zero_point);
      *y++ = tdl_requantize(accumulator, p->multiplier[o], p->shift[o], p->output_zero_point, p->activation_min,
                            p->activation_max);
      weights += inputs;
    }
    x += inputs;
  }
}
