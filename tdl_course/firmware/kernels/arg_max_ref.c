/* ARG_MAX, int8 to int32: the index of the largest value along an axis, the first of several.
 *
 *   y[o][i] = the least d with x[o][d][i] = max over d of x[o][d][i]
 *
 * x [outer][depth][inner]   y [outer][inner] */
#include "tdl_kernels.h"

void tdl_arg_max_s8(const tdl_arg_max_params *p, const int8_t *x, int32_t *y) {
  for (int32_t o = 0; o < p->outer; o++) {
    for (int32_t i = 0; i < p->inner; i++) {
      const int8_t *value = x + i;
      int32_t best = 0;
      for (int32_t d = 1; d < p->depth; d++) {
        if (value[d * p->inner] > value[best * p->inner]) best = d;
      }
      *y++ = best;
    }
    x += p->depth * p->inner;
  }
}
