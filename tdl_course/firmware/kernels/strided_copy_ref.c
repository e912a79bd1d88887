/* TRANSPOSE and STRIDED_SLICE, any element type: y is made of runs of x, in the order of a walk over several axes.
 *
 *   y[i0][i1]...[b] = x[start + i0 * step[0] + i1 * step[1] + ... + b]     0 <= i < length[i], 0 <= b < run
 *
 * All in bytes; a step may be negative. i0, i1, ...: index of an axis of the walk   b: byte of a run
 * The innermost axis is a loop of its own; the others count up like the digits of a number. */
#include "tdl_kernels.h"
#include "tdl_move.h"

/* One turn of the innermost axis. Returns where y goes on. */
static int8_t *row(const int8_t *x, int8_t *y, int32_t length, int32_t step, int32_t run) {
  int32_t at = 0;
  if (run == 1) {
    for (int32_t i = 0; i < length; i++) {
      *y++ = x[at];
      at += step;
    }
    return y;
  }
  for (int32_t i = 0; i < length; i++) {
    y = tdl_move(y, x + at, run);
    at += step;
  }
  return y;
}

void tdl_strided_copy(const tdl_strided_copy_params *p, const void *x, void *y) {
  const int8_t *from = (const int8_t *)x;
  int8_t *to = (int8_t *)y;
  int32_t index[TDL_MAX_AXES] = {0};
  const int32_t inner = p->axes - 1;
  int32_t at = p->start;
  int32_t axis;

  do {
    to = row(from + at, to, p->length[inner], p->step[inner], p->run);
    for (axis = inner - 1; axis >= 0; axis--) {
      at += p->step[axis];
      if (++index[axis] < p->length[axis]) break;
      at -= p->step[axis] * p->length[axis];
      index[axis] = 0;
    }
  } while (axis >= 0);
}
