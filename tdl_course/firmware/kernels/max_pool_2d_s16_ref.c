/* MAX_POOL_2D, int16: the formula is in max_pool_2d_loops.h. */
#include <stdint.h>

typedef int16_t value;

#include "max_pool_2d_loops.h"

void tdl_max_pool_2d_s16(const tdl_pool_2d_params *p, const value *x, value *y) { max_pool_2d(p, x, y); }
