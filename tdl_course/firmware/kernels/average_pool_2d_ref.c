/* AVERAGE_POOL_2D, int8: the formula is in average_pool_2d_loops.h. */
#include <stdint.h>

typedef int8_t value;

#include "average_pool_2d_loops.h"

void tdl_average_pool_2d_s8(const tdl_pool_2d_params *p, const value *x, value *y) { average_pool_2d(p, x, y); }
