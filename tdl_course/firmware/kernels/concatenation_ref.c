/* CONCATENATION, any element type: rows of several inputs side by side.
 *
 *   y[o][before(k) + b] = x_k[o][b]     before(k): bytes of the rows of the inputs before input k
 *
 * x_k [outer][rows[k]]   y [outer][sum of rows], in bytes. The arguments are x_0, x_1, ... and then y.
 * o: outer index   k: input   b: byte. Of an input that lies where its bytes belong, nothing is copied. */
#include <stdarg.h>

#include "tdl_kernels.h"
#include "tdl_move.h"

void tdl_concatenation(const tdl_concatenation_params *p, ...) {
  va_list pointers;
  va_start(pointers, p);
  for (int32_t k = 0; k < p->count; k++) (void)va_arg(pointers, const void *);
  int8_t *y = (int8_t *)va_arg(pointers, void *);
  va_end(pointers);

  for (int32_t o = 0; o < p->outer; o++) {
    va_start(pointers, p);
    for (int32_t k = 0; k < p->count; k++) {
      const int32_t bytes = p->rows[k];
      const int8_t *x = (const int8_t *)va_arg(pointers, const void *) + o * bytes;
      y = x == y ? y + bytes : tdl_move(y, x, bytes);
    }
    va_end(pointers);
  }
}
