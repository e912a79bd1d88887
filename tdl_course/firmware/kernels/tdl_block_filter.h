/* tdl_block_filter.h: a window of 3 x 3 over strips of a plane, the inner loops of DEPTHWISE_CONV_2D by planes.
 *
 * A strip is two columns of the plane side by side, a word a row. Two outputs side by side see strips a, b and, where the
 * window moves by 2, c; weights are words (w0, w1) and (w1, w2) of each kernel row. Sums are twice what they stand for. */
#ifndef TDL_BLOCK_FILTER_H
#define TDL_BLOCK_FILTER_H

#include <stdint.h>
#include "tdl_pairs.h"

typedef struct {
  int32_t row;              /* from an output to the one below */
  int32_t second;           /* to the one at its right; 0: what lies there is overwritten by the first */
  int32_t rows_bytes;       /* of one strip that a column of outputs passes over: 4 * stride * rows of outputs */
  int32_t strips_gap;       /* from there to where the next two columns of outputs start */
  int32_t columns_gap;      /* the same in the output */
  int32_t pairs;            /* of columns of outputs, 1 or more */
  const int32_t *a;         /* the first strip */
  int32_t strip_bytes;      /* from a strip to the next one */
  int8_t *y;                /* the first output */
  const int32_t *constants; /* of the channel: TDL_START ... */
  const int32_t *weights;   /* [3][2] */
} tdl_filter;

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_filter_cortex_m4.h"
#else
static inline void tdl_filter_by(const tdl_filter *f, int32_t stride) {
  const int32_t strip = f->strip_bytes / 4;
  const int32_t *a = f->a;
  int8_t *y = f->y;
  for (int32_t pair = 0; pair < f->pairs; pair++) {
    for (const int32_t *end = a + f->rows_bytes / 4; a < end; a += stride, y += f->row) {
      int32_t one = f->constants[TDL_START], two = one;
      for (int32_t k = 0; k < 3; k++) {
        const int32_t left = f->weights[2 * k], right = f->weights[2 * k + 1];
        const int32_t first = a[k], second = a[k + strip], third = stride == 2 ? a[k + 2 * strip] : 0;
        one = tdl_smlad(second, tdl_pack(tdl_high(right), 0), tdl_smlad(first, left, one));
        if (stride == 1) two = tdl_smlad(second, right, tdl_smlad(first, tdl_pack(0, tdl_low(left)), two));
        if (stride == 2) two = tdl_smlad(third, tdl_pack(tdl_high(right), 0), tdl_smlad(second, left, two));
      }
      y[f->second] = (int8_t)tdl_output(two, f->constants);
      y[0] = (int8_t)tdl_output(one, f->constants);
    }
    a += f->strips_gap / 4;
    y += f->columns_gap;
  }
}
static inline void tdl_filter_by_1(const tdl_filter *f) { tdl_filter_by(f, 1); }
static inline void tdl_filter_by_2(const tdl_filter *f) { tdl_filter_by(f, 2); }

/* Two columns of two channels, `rows` of them, a word a row: (c.0, d.0) into the first plane, (c.1, d.1) into the second,
 * where c begins at x and d lies `right` of it. */
static inline void tdl_take_strips(const int8_t *x, int32_t right, int32_t down, int32_t rows, int32_t *first,
                                   int32_t *second) {
  for (; rows > 0; rows--, x += down) {
    *first++ = tdl_pack(x[0], x[right]);
    *second++ = tdl_pack(x[1], x[right + 1]);
  }
}
#endif

#endif
