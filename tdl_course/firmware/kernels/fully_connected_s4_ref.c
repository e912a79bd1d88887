/* FULLY_CONNECTED, int8 with int4 weights: the formula is in fully_connected_loops.h. */
#include "tdl_numbers_s4.h"
#include "fully_connected_loops.h"

void tdl_fully_connected_s4(const tdl_fully_connected_params *p, const value *x, value *y) { fully_connected(p, x, y); }
