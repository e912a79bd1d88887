/* tdl_dsp_plain.h: the functions of tdl_dsp.h in C, for cores without the DSP extension and for tests on a computer.
 * Sums wrap at 32 bits, as the instructions do. */
#ifndef TDL_DSP_PLAIN_H
#define TDL_DSP_PLAIN_H

#include <stdint.h>

static inline int32_t tdl_low(int32_t x) { return (int16_t)x; }
static inline int32_t tdl_high(int32_t x) { return x >> 16; }
static inline int32_t tdl_add_product(int32_t sum, int32_t a, int32_t b) {
  return (int32_t)((uint32_t)sum + (uint32_t)(a * b));
}
static inline int32_t tdl_pair(int32_t low, int32_t high) {
  return (int32_t)(((uint32_t)low & 0xFFFFu) | ((uint32_t)high << 16));
}

static inline int32_t tdl_smlad(int32_t a, int32_t b, int32_t sum) {
  return tdl_add_product(tdl_add_product(sum, tdl_low(a), tdl_low(b)), tdl_high(a), tdl_high(b));
}
static inline int32_t tdl_smlabt(int32_t a, int32_t b, int32_t sum) {
  return tdl_add_product(sum, tdl_low(a), tdl_high(b));
}
static inline int32_t tdl_smlatb(int32_t a, int32_t b, int32_t sum) {
  return tdl_add_product(sum, tdl_high(a), tdl_low(b));
}
static inline int32_t tdl_even_bytes(int32_t x) { return tdl_pair((int8_t)x, (int8_t)(x >> 16)); }
static inline int32_t tdl_odd_bytes(int32_t x) { return tdl_pair((int8_t)(x >> 8), (int8_t)(x >> 24)); }
static inline int32_t tdl_swap_bytes(int32_t x) {
  const uint32_t u = (uint32_t)x;
  return (int32_t)(((u & 0x00FF00FFu) << 8) | ((u >> 8) & 0x00FF00FFu));
}
static inline int32_t tdl_smmlar(int32_t a, int32_t b, int32_t sum) {
  return (int32_t)((uint32_t)sum + (uint32_t)(((int64_t)a * b + (INT64_C(1) << 31)) >> 32));
}
static inline int32_t tdl_saturate(int32_t x) { return x < -128 ? -128 : (x > 127 ? 127 : x); }

static inline void tdl_multiply_3x2(const int32_t *columns, const int32_t *weights, int32_t groups, int32_t sum[6]) {
  for (; groups > 0; groups--, columns += 6, weights += 2) {
    for (int32_t i = 0; i < 6; i++) {
      const int32_t pair = weights[i / 3];
      sum[i] = tdl_smlad(pair, columns[i % 3], sum[i]);
      sum[i] = tdl_smlad(tdl_even_bytes(pair), columns[3 + i % 3], sum[i]);
    }
  }
}

static inline void tdl_multiply_rows(const int8_t *x, const int32_t *weights, int32_t groups, int32_t *sum,
                                     int32_t rows) {
  for (; groups > 0; groups--, x += 4, weights += rows) {
    const int32_t four = tdl_load(x);
    for (int32_t i = 0; i < rows; i++) {
      sum[i] = tdl_smlad(weights[i], tdl_odd_bytes(four), sum[i]);
      sum[i] = tdl_smlad(tdl_even_bytes(weights[i]), tdl_swap_bytes(four ^ 0x7F007F00), sum[i]);
    }
  }
}
static inline void tdl_multiply_6_rows(const int8_t *x, const int32_t *weights, int32_t groups, int32_t sum[6]) {
  tdl_multiply_rows(x, weights, groups, sum, 6);
}
static inline void tdl_multiply_4_rows(const int8_t *x, const int32_t *weights, int32_t groups, int32_t sum[4]) {
  tdl_multiply_rows(x, weights, groups, sum, 4);
}

#endif
