/* tdl_dsp_plain.h: the functions of tdl_dsp.h in C, for cores without the DSP extension and for tests on a computer. */
#ifndef TDL_DSP_PLAIN_H
#define TDL_DSP_PLAIN_H

#include <stdint.h>

static inline int32_t tdl_low(int32_t x) { return (int16_t)x; }
static inline int32_t tdl_high(int32_t x) { return x >> 16; }
static inline int32_t tdl_pack(int32_t low, int32_t high) {
  return (int32_t)(((uint32_t)low & 0xFFFFu) | ((uint32_t)high << 16));
}

static inline int32_t tdl_smlad(int32_t a, int32_t b, int32_t sum) {
  const uint32_t low = (uint32_t)(tdl_low(a) * tdl_low(b)), high = (uint32_t)(tdl_high(a) * tdl_high(b));
  return (int32_t)((uint32_t)sum + low + high);
}
static inline int32_t tdl_odd_bytes(int32_t x) { return tdl_pack((int8_t)(x >> 8), (int8_t)(x >> 24)); }
static inline int32_t tdl_even_bytes(int32_t x) { return tdl_pack((int8_t)x, (int8_t)(x >> 16)); }
static inline int32_t tdl_add_halfwords(int32_t a, int32_t b) {
  return tdl_pack(tdl_low(a) + tdl_low(b), tdl_high(a) + tdl_high(b));
}
static inline int32_t tdl_subtract_halfwords(int32_t a, int32_t b) {
  return tdl_pack(tdl_low(a) - tdl_low(b), tdl_high(a) - tdl_high(b));
}
static inline int32_t tdl_add_even_bytes(int32_t sum, int32_t x) { return tdl_add_halfwords(sum, tdl_even_bytes(x)); }
static inline int32_t tdl_add_odd_bytes(int32_t sum, int32_t x) { return tdl_add_halfwords(sum, tdl_odd_bytes(x)); }
static inline int32_t tdl_larger_bytes(int32_t a, int32_t b) {
  uint32_t y = 0;
  for (int32_t i = 0; i < 32; i += 8) {
    const int8_t one = (int8_t)(a >> i), other = (int8_t)(b >> i);
    y |= (uint32_t)(uint8_t)(one >= other ? one : other) << i;
  }
  return (int32_t)y;
}
static inline int32_t tdl_swap_bytes(int32_t x) {
  const uint32_t u = (uint32_t)x;
  return (int32_t)(((u & 0x00FF00FFu) << 8) | ((u >> 8) & 0x00FF00FFu));
}
static inline int32_t tdl_smmulr(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 31)) >> 32);
}
static inline int32_t tdl_smmlar(int32_t a, int32_t b, int32_t sum) {
  return (int32_t)((uint32_t)sum + (uint32_t)tdl_smmulr(a, b));
}
static inline int32_t tdl_smmlsr(int32_t a, int32_t b, int32_t sum) {
  return (int32_t)((uint32_t)sum + (uint32_t)(((INT64_C(1) << 31) - (int64_t)a * b) >> 32));
}
static inline int32_t tdl_saturate(int32_t x) { return x < -128 ? -128 : (x > 127 ? 127 : x); }

#endif
