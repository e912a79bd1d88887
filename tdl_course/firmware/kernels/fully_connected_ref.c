/* FULLY_CONNECTED, int8: the formula is in fully_connected_loops.h. */
#include "tdl_numbers_s8.h"
#include "fully_connected_loops.h"

void tdl_fully_connected_s8(const tdl_fully_connected_params *p, const value *x, value *y) { fully_connected(p, x, y); }
