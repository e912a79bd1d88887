/* MUL, int16: the formula is in mul_loops.h. */
#include <stdint.h>

typedef int16_t value;

#include "mul_loops.h"

void tdl_mul_s16(const tdl_mul_params *p, const value *a, const value *b, value *y) { mul(p, a, b, y); }
