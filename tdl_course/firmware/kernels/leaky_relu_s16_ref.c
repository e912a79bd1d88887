/* LEAKY_RELU, int16 of zero point 0.
 *
 *   y[i] = clamp(x[i] >= 0 ? positive_scale(x[i]) : negative_sign * negative_scale(x[i]))
 *
 * i: element. int8 looks its 256 values up instead. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

void tdl_leaky_relu_s16(const tdl_leaky_relu_params *p, const int16_t *x, int16_t *y) {
  for (int32_t i = 0; i < p->size; i++) {
    const int32_t scaled = x[i] >= 0 ? tdl_scale(x[i], p->positive_multiplier, p->positive_shift)
                                     : p->negative_sign * tdl_scale(x[i], p->negative_multiplier, p->negative_shift);
    y[i] = (int16_t)tdl_clamp(scaled, INT16_MIN, INT16_MAX);
  }
}
