/* QUANTIZE float32 -> int8 and DEQUANTIZE int8 -> float32.
 *
 *   y[i] = clamp(round(x[i] / scale) + zero_point)     halves away from zero; NaN becomes -128
 *   y[i] = scale * (x[i] - zero_point)
 *
 * i: element. The quotient is cut to +-512 before it becomes an integer: no sum with a zero point comes back from there
 * into int8, and the conversion of a larger float would be undefined. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

_Static_assert(sizeof(float) == 4, "tensors hold IEEE 754 binary32");

static int32_t round_half_away(float x) {
  if (!(x > -512.0f)) return -512;
  if (x > 512.0f) return 512;
  const int32_t whole = (int32_t)x;
  const float rest = x - (float)whole; /* exact */
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

void tdl_quantize_f32_s8(const tdl_quantize_params *p, const float *x, int8_t *y) {
  for (int32_t i = 0; i < p->size; i++) {
    y[i] = (int8_t)tdl_clamp(round_half_away(x[i] / p->scale) + p->zero_point, INT8_MIN, INT8_MAX);
  }
}

void tdl_dequantize_s8_f32(const tdl_quantize_params *p, const int8_t *x, float *y) {
  for (int32_t i = 0; i < p->size; i++) y[i] = p->scale * (float)(x[i] - p->zero_point);
}
