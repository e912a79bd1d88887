/* tdl_broadcast.h: two operands of different shapes, walked through in the order of the result's elements.
 *
 * The innermost axis is a row: `length` results, between which operands advance by their step, 0 or 1. Above it are
 * `outer_axes` axes, the outermost first, each with three numbers: its length, and the elements that one step along it
 * moves in operand a and in operand b. 0 repeats the operand. Twin in Python: tdl_course/ops/broadcast.py. */
#ifndef TDL_BROADCAST_H
#define TDL_BROADCAST_H

#include <stdint.h>

enum { TDL_OPERAND_A = 1, TDL_OPERAND_B = 2 };

/* The first element of an operand that belongs to a row of the result. */
static inline int32_t tdl_row_start(const int32_t *outer, int32_t outer_axes, int32_t row, int32_t operand) {
  int32_t start = 0;
  for (int32_t k = outer_axes - 1; k >= 0; k--) {
    const int32_t *axis = outer + 3 * k;
    start += row % axis[0] * axis[operand];
    row /= axis[0];
  }
  return start;
}

#endif
