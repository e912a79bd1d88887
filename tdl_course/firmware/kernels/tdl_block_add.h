/* tdl_block_add.h: sums of four pairs of int8 values, the inner loop of ADD by words.
 *
 * Operand a is the one of the larger scale, so that its share is exact: (a - a_zero_point) * 2^19. Both shares count
 * twice here, as tdl_output takes a sum:
 *
 *   b's share = round(value / 2^shift),   value = round((b * factor + start) * multiplier / 2^32)   (see tdl_output)
 *   output    = tdl_output(2 * b's share + a * 2^20 + zero) */
#ifndef TDL_BLOCK_ADD_H
#define TDL_BLOCK_ADD_H

#include <stdint.h>
#include "tdl_pairs.h"

typedef struct {
  int32_t factor, start, multiplier, half, shift; /* of b; half = 2^(shift - 1) */
  int32_t zero;                                   /* -a_zero_point * 2^20 */
  int32_t output_multiplier, output_offset, output_shift;
} tdl_sum_constants;

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_add_cortex_m4.h"
#else
static inline void tdl_add_fours(const tdl_sum_constants *c, const int8_t *a, const int8_t *b, int8_t *y,
                                 int32_t fours) {
  const int32_t output[TDL_CHANNEL] = {0, c->output_multiplier, c->output_offset, c->output_shift};
  for (int32_t i = 0; i < 4 * fours; i++) {
    const int32_t value = b[i] * c->factor + c->start;
    const int32_t share = (tdl_smmlar(value, c->multiplier, c->half) + (value >> 31)) >> c->shift;
    y[i] = (int8_t)tdl_output(2 * share + a[i] * (1 << 20) + c->zero, output);
  }
}
#endif

#endif
