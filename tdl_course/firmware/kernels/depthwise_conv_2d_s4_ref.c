/* DEPTHWISE_CONV_2D, int8 with int4 weights, two in a byte. The formula is in depthwise_conv_2d_loops.h. */
#include "tdl_kernels.h"
#include "tdl_dot.h"
#include "tdl_requantize.h"

typedef int8_t value;
typedef int32_t total;

static inline total product(value x, int32_t zero_point, const int8_t *weights, int32_t index) {
  return (x - zero_point) * tdl_int4(weights, index);
}

static inline value finish(const tdl_depthwise_conv_2d_params *p, int32_t oc, total sum) {
  return tdl_output_s8(sum, p->bias, p->multiplier, p->shift, oc, p->output_zero_point, p->activation_min,
                       p->activation_max);
}

#include "depthwise_conv_2d_loops.h"

void tdl_depthwise_conv_2d_s4(const tdl_depthwise_conv_2d_params *p, const value *x, value *y) {
  depthwise_conv_2d(p, x, y);
}
