/* tdl_axes.h: where in a tensor a kernel reads that walks along some of its axes.
 *
 * `axes` axes, the outermost first, have a length each, and a step: how many elements of the tensor lie between one
 * index and the next, 0 where the tensor is repeated. Twin in Python: tdl_course/ops/axes.py. */
#ifndef TDL_AXES_H
#define TDL_AXES_H

#include <stdint.h>

/* The element that belongs to the index-th combination of indices, the last axis running fastest. */
static inline int32_t tdl_axes_offset(int32_t axes, const int32_t *lengths, const int32_t *steps, int32_t index) {
  int32_t offset = 0;
  for (int32_t k = axes - 1; k >= 0; k--) {
    offset += index % lengths[k] * steps[k];
    index /= lengths[k];
  }
  return offset;
}

#endif
