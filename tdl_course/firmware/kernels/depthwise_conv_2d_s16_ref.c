/* DEPTHWISE_CONV_2D, int16 with int8 weights: the formula is in depthwise_conv_2d_loops.h. */
#include "tdl_numbers_s16.h"
#include "depthwise_conv_2d_loops.h"

void tdl_depthwise_conv_2d_s16(const tdl_depthwise_conv_2d_params *p, const value *x, value *y) {
  depthwise_conv_2d(p, x, y);
}
