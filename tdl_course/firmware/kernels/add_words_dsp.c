/* ADD, int8, of two operands of one shape, four values at a time: the formula is in add_loops.h, its form here in
 * tdl_block_add.h. May run in place of either operand. a is the operand of the larger scale. */
#include "tdl_block_add.h"
#include "tdl_kernels.h"
#include "tdl_move.h"

void tdl_add_words_s8(const tdl_add_words_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  const tdl_sum_constants constants = {p->factor,      p->start, p->multiplier,        1 << (p->shift - 1),
                                       p->shift,       p->zero,  p->output_multiplier, p->output_offset,
                                       p->output_shift};
  const int32_t fours = p->size / 4, left = p->size - 4 * fours;
  if (fours > 0) tdl_add_fours(&constants, a, b, y, fours);
  if (left > 0) {
    int8_t last[3][4] = {{0}, {0}, {0}};
    tdl_move(last[0], a + 4 * fours, left);
    tdl_move(last[1], b + 4 * fours, left);
    tdl_add_fours(&constants, last[0], last[1], last[2], 1);
    tdl_move(y + 4 * fours, last[2], left);
  }
  tdl_clamp_outputs(y, p->size, p->activation_min, p->activation_max);
}
