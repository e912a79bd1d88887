/* DEPTHWISE_CONV_2D, int16 with int8 weights. The formula is in depthwise_conv_2d_loops.h. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

typedef int16_t value;
typedef int64_t total;

static inline total product(value x, int32_t zero_point, const int8_t *weights, int32_t index) {
  (void)zero_point; /* 0 */
  return x * weights[index];
}

static inline value finish(const tdl_depthwise_conv_2d_params *p, int32_t oc, total sum) {
  return tdl_output_s16(sum, p->bias, p->multiplier, p->shift, oc, p->activation_min, p->activation_max);
}

#include "depthwise_conv_2d_loops.h"

void tdl_depthwise_conv_2d_s16(const tdl_depthwise_conv_2d_params *p, const value *x, value *y) {
  depthwise_conv_2d(p, x, y);
}
