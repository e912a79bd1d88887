/* QUANTIZE from float32 to int8 and int16, and DEQUANTIZE back.
 *
 *   y[i] = clamp(round(x[i] / scale) + zero_point)     halves away from zero; NaN becomes the lowest
 *   y[i] = scale * (x[i] - zero_point)
 *
 * i: element. The quotient is cut to +-2^17 before it becomes an integer: no sum with a zero point comes back from
 * there into int16, and the conversion of a larger float would be undefined. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

_Static_assert(sizeof(float) == 4, "tensors hold IEEE 754 binary32");

static int32_t round_half_away(float x) {
  if (!(x > -131072.0f)) return -131072;
  if (x > 131072.0f) return 131072;
  const int32_t whole = (int32_t)x;
  const float rest = x - (float)whole; /* exact */
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

static inline int32_t quantized(const tdl_quantize_params *p, float x, int32_t low, int32_t high) {
  return tdl_clamp(round_half_away(x / p->scale) + p->zero_point, low, high);
}

void tdl_quantize_f32_s8(const tdl_quantize_params *p, const float *x, int8_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (int8_t)quantized(p, x[i], INT8_MIN, INT8_MAX);
}

void tdl_quantize_f32_s16(const tdl_quantize_params *p, const float *x, int16_t *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = (int16_t)quantized(p, x[i], INT16_MIN, INT16_MAX);
}

void tdl_dequantize_s8_f32(const tdl_quantize_params *p, const int8_t *x, float *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = p->scale * (float)(x[i] - p->zero_point);
}

void tdl_dequantize_s16_f32(const tdl_quantize_params *p, const int16_t *x, float *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = p->scale * (float)(x[i] - p->zero_point);
}
