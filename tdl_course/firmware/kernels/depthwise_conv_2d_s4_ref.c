/* DEPTHWISE_CONV_2D, int8 with int4 weights: the formula is in depthwise_conv_2d_loops.h. */
#include "tdl_numbers_s4.h"
#include "depthwise_conv_2d_loops.h"

void tdl_depthwise_conv_2d_s4(const tdl_depthwise_conv_2d_params *p, const value *x, value *y) {
  depthwise_conv_2d(p, x, y);
}
