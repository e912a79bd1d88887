/* DEPTHWISE_CONV_2D, int8: the formula is in depthwise_conv_2d_loops.h. */
#include "tdl_numbers_s8.h"
#include "depthwise_conv_2d_loops.h"

void tdl_depthwise_conv_2d_s8(const tdl_depthwise_conv_2d_params *p, const value *x, value *y) {
  depthwise_conv_2d(p, x, y);
}
