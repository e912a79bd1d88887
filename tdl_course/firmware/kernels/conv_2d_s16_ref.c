/* CONV_2D, int16 with int8 weights: the formula is in conv_2d_loops.h. */
#include "tdl_numbers_s16.h"
#include "conv_2d_loops.h"

void tdl_conv_2d_s16(const tdl_conv_2d_params *p, const value *x, value *y) { conv_2d(p, x, y); }
