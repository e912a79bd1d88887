/* MEAN and SUM, int8: the formula is in reduce_loops.h. */
#include <stdint.h>

typedef int8_t value;
enum { LOW = INT8_MIN, HIGH = INT8_MAX };

#include "reduce_loops.h"

void tdl_reduce_s8(const tdl_reduce_params *p, const value *x, value *y) { reduce(p, x, y); }
