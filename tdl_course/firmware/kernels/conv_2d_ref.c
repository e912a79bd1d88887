/* CONV_2D, int8: the formula is in conv_2d_loops.h. */
#include "tdl_numbers_s8.h"
#include "conv_2d_loops.h"

void tdl_conv_2d_s8(const tdl_conv_2d_params *p, const value *x, value *y) { conv_2d(p, x, y); }
