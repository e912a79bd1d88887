/* ADD and SUB, int16: the formula is in add_loops.h. */
#include <stdint.h>

typedef int16_t value;
enum { EXTRA = 1 << 15 };

#include "add_loops.h"

void tdl_add_s16(const tdl_add_params *p, const value *a, const value *b, value *y) { add(p, a, b, y); }
