/* RELU, RELU6, and QUANTIZE between integers, not both int8: from one scale to another, clamped.
 *
 *   y[i] = requantized(x[i] - input_zero_point)
 *
 * i: element. Each kernel is named after the types of x and y, or the one type of both. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

static inline int32_t rescaled(const tdl_rescale_params *p, int32_t x) {
  return tdl_requantized(x - p->input_zero_point, p->multiplier, p->shift, p->output_zero_point, p->activation_min,
                         p->activation_max);
}

void tdl_rescale_s16(const tdl_rescale_params *p, const int16_t *x, int16_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (int16_t)rescaled(p, x[i]);
}

void tdl_rescale_s16_s8(const tdl_rescale_params *p, const int16_t *x, int8_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (int8_t)rescaled(p, x[i]);
}

void tdl_rescale_u8_s8(const tdl_rescale_params *p, const uint8_t *x, int8_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (int8_t)rescaled(p, x[i]);
}

void tdl_rescale_s8_u8(const tdl_rescale_params *p, const int8_t *x, uint8_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (uint8_t)rescaled(p, x[i]);
}

void tdl_rescale_s8_s16(const tdl_rescale_params *p, const int8_t *x, int16_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (int16_t)rescaled(p, x[i]);
}
