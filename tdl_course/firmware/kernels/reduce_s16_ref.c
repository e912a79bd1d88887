/* MEAN and SUM, int16: the formula is in reduce_loops.h. */
#include <stdint.h>

typedef int16_t value;
enum { LOW = INT16_MIN, HIGH = INT16_MAX };

#include "reduce_loops.h"

void tdl_reduce_s16(const tdl_reduce_params *p, const value *x, value *y) { reduce(p, x, y); }
