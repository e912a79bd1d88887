/* AVERAGE_POOL_2D, int16: the formula is in average_pool_2d_loops.h. */
#include <stdint.h>

typedef int16_t value;

#include "average_pool_2d_loops.h"

void tdl_average_pool_2d_s16(const tdl_pool_2d_params *p, const value *x, value *y) { average_pool_2d(p, x, y); }
