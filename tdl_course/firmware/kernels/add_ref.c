/* ADD, int8.
 *
 *   y[i] = requantize(scale_a((a[i] - a_zero_point) * 2^20) + scale_b((b[i] - b_zero_point) * 2^20))
 *
 * Both operands go to one scale, twice the larger of theirs; 2^20 keeps the bits that this would lose, and is part of
 * the output's multiplier. |a - zero_point| < 2^8, so 2^28 at most, and their sum fits an int32.
 * i: element. A step of 0 makes an operand a single value. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

enum { EXTRA = 1 << 20 };

void tdl_add_s8(const tdl_add_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  for (int32_t i = 0; i < p->size; i++) {
    const int32_t first = tdl_scale((*a - p->a_zero_point) * EXTRA, p->a_multiplier, p->a_shift);
    const int32_t second = tdl_scale((*b - p->b_zero_point) * EXTRA, p->b_multiplier, p->b_shift);
    y[i] = tdl_requantize(first + second, p->output_multiplier, p->output_shift, p->output_zero_point,
                          p->activation_min, p->activation_max);
    a += p->a_step;
    b += p->b_step;
  }
}

void tdl_add_constant_s8(const tdl_add_params *p, const int8_t *a, int8_t *y) { tdl_add_s8(p, a, p->constant, y); }
