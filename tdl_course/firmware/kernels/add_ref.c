/* ADD and SUB, int8: the formula is in add_loops.h. */
#include <stdint.h>

typedef int8_t value;
enum { EXTRA = 1 << 20 };

#include "add_loops.h"

void tdl_add_s8(const tdl_add_params *p, const value *a, const value *b, value *y) { add(p, a, b, y); }
