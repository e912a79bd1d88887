/* MUL, int8: the formula is in mul_loops.h. */
#include <stdint.h>

typedef int8_t value;

#include "mul_loops.h"

void tdl_mul_s8(const tdl_mul_params *p, const value *a, const value *b, value *y) { mul(p, a, b, y); }
