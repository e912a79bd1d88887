/* CONV_2D, int8 with int4 weights: the formula is in conv_2d_loops.h. */
#include "tdl_numbers_s4.h"
#include "conv_2d_loops.h"

void tdl_conv_2d_s4(const tdl_conv_2d_params *p, const value *x, value *y) { conv_2d(p, x, y); }
