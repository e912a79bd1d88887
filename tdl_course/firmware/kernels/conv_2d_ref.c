/* CONV_2D, int8. The formula is in conv_2d_loops.h. */
#include "tdl_kernels.h"
#include "tdl_dot.h"
#include "tdl_requantize.h"

typedef int8_t value;
typedef int32_t total;

static inline total dot(const value *x, const int8_t *weights, int32_t first, int32_t length, int32_t zero_point) {
  return tdl_dot(x, weights + first, length, zero_point);
}

static inline value finish(const tdl_conv_2d_params *p, int32_t oc, total sum) {
  return tdl_output_s8(sum, p->bias, p->multiplier, p->shift, oc, p->output_zero_point, p->activation_min,
                       p->activation_max);
}

#include "conv_2d_loops.h"

void tdl_conv_2d_s8(const tdl_conv_2d_params *p, const value *x, value *y) { conv_2d(p, x, y); }
