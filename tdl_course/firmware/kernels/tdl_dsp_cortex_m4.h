/* tdl_dsp_cortex_m4.h: the functions of tdl_dsp.h as instructions of the DSP extension. */
#ifndef TDL_DSP_CORTEX_M4_H
#define TDL_DSP_CORTEX_M4_H

#include <arm_acle.h>
#include <stdint.h>

/* sum + a.low * b.low + a.high * b.high */
static inline int32_t tdl_smlad(int32_t a, int32_t b, int32_t sum) { return __smlad(a, b, sum); }

/* (low.low, high.low) */
static inline int32_t tdl_pack(int32_t low, int32_t high) {
  int32_t y;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(y) : "r"(low), "r"(high));
  return y;
}

/* Bytes 1 and 3 as halfwords; bytes 0 and 2 as halfwords. */
static inline int32_t tdl_odd_bytes(int32_t x) {
  int32_t y;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
  return y;
}
static inline int32_t tdl_even_bytes(int32_t x) { return __sxtb16(x); }

/* The same, added to the halfwords of `sum`. */
static inline int32_t tdl_add_even_bytes(int32_t sum, int32_t x) { return __sxtab16(sum, x); }
static inline int32_t tdl_add_odd_bytes(int32_t sum, int32_t x) {
  int32_t y;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(y) : "r"(sum), "r"(x));
  return y;
}

/* Of each byte of a and b the larger one. */
static inline int32_t tdl_larger_bytes(int32_t a, int32_t b) {
  int32_t y;
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(y) : "r"(a), "r"(b) : "cc");
  return y;
}

/* Both bytes of each halfword exchanged. */
static inline int32_t tdl_swap_bytes(int32_t x) { return (int32_t)__rev16((uint32_t)x); }

/* sum + a * b / 2^32, halves up. */
static inline int32_t tdl_smmlar(int32_t a, int32_t b, int32_t sum) {
  int32_t y;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(sum));
  return y;
}

/* x, at least -128 and at most 127. */
static inline int32_t tdl_saturate(int32_t x) { return __ssat(x, 8); }

#endif
