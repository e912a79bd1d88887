/* Functions of one int8 value: y[i] = table[x[i] + 128].
 *
 * i: element. The compiler has computed the table from the operator's definition. */
#include "tdl_kernels.h"

void tdl_lookup_s8(const tdl_lookup_params *p, const int8_t *x, int8_t *y) {
  const int8_t *table = p->table - INT8_MIN;
  for (int32_t i = 0; i < p->size; i++) y[i] = table[x[i]];
}
