/* LOGISTIC and TANH, int16 of zero point 0 to int16 of scale 1/32768.
 *
 *   y[i] = logistic(x[i]),   y[i] = tanh(x[i]) = 2 * logistic(2 * x[i]) - 1
 *
 * i: element. The table has the logistic function of 0 to 10.6 in Q0.16; straight lines lie in between. Of negative x:
 * logistic(-x) = 1 - logistic(x), tanh(-x) = -tanh(x). */
#include "tdl_kernels.h"

enum { ENTRIES = 256 };

static int32_t steps(const tdl_sigmoid_s16_params *p, int32_t x) {
  const int32_t half = p->shift > 0 ? 1 << (p->shift - 1) : 0;
  return (x * p->multiplier + half) >> p->shift;
}

/* The table at `size`, of which `bits` lie between two entries; `end` beyond its last entry. */
static int32_t interpolated(const uint16_t *table, int32_t size, int32_t bits, int32_t end) {
  const int32_t index = size >> bits;
  const int32_t rest = size & ((1 << bits) - 1);
  if (index >= ENTRIES - 1) return end;
  return (table[index] << bits) + rest * (table[index + 1] - table[index]);
}

void tdl_logistic_s16(const tdl_sigmoid_s16_params *p, const int16_t *x, int16_t *y) {
  for (int32_t i = 0; i < p->size; i++) {
    const int32_t at = steps(p, x[i]);
    const int32_t half = interpolated(p->table, at < 0 ? -at : at, 9, 0x7FFF << 10);
    y[i] = (int16_t)(((at < 0 ? (1 << 25) - half - 1 : half) + (1 << 9)) >> 10);
  }
}

void tdl_tanh_s16(const tdl_sigmoid_s16_params *p, const int16_t *x, int16_t *y) {
  for (int32_t i = 0; i < p->size; i++) {
    const int32_t at = steps(p, x[i]);
    const int32_t size = interpolated(p->table, at < 0 ? -at : at, 8, 0xFFFF << 8) - (1 << 23);
    y[i] = (int16_t)(((at < 0 ? -size - 1 : size) + (1 << 7)) >> 8);
  }
}
