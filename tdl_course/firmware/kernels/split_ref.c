/* SPLIT, any element type: the rows of x dealt out to several outputs.
 *
 *   y_k[o][b] = x[o][k * row + b]
 *
 * x [outer][count * row]   y_k [outer][row], in bytes. The arguments after x are y_0, y_1, ...
 * o: outer index   k: output   b: byte */
#include <stdarg.h>

#include "tdl_kernels.h"
#include "tdl_move.h"

void tdl_split(const tdl_split_params *p, const void *x, ...) {
  const int8_t *from = (const int8_t *)x;
  const int32_t row = p->row;

  for (int32_t o = 0; o < p->outer; o++) {
    va_list pointers;
    va_start(pointers, x);
    for (int32_t k = 0; k < p->count; k++) {
      tdl_move((int8_t *)va_arg(pointers, void *) + o * row, from, row);
      from += row;
    }
    va_end(pointers);
  }
}
