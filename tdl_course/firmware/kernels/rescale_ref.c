/* RELU, RELU6, and QUANTIZE from int8 to int8: from one scale to another, clamped.
 *
 *   y[i] = requantize(x[i] - input_zero_point)
 *
 * i: element */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

void tdl_rescale_s8(const tdl_rescale_params *p, const int8_t *x, int8_t *y) {
  for (int32_t i = 0; i < p->size; i++) {
    y[i] = tdl_requantize(x[i] - p->input_zero_point, p->multiplier, p->shift, p->output_zero_point, p->activation_min,
                          p->activation_max);
  }
}
