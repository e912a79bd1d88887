/* tdl_dsp_cortex_m4.h: the functions of tdl_dsp.h as instructions of the DSP extension. */
#ifndef TDL_DSP_CORTEX_M4_H
#define TDL_DSP_CORTEX_M4_H

#include <stdint.h>

#define TDL_INSTRUCTION_1(name, code)     \
  static inline int32_t name(int32_t x) { \
    int32_t y;                            \
    __asm__(code : "=r"(y) : "r"(x));     \
    return y;                             \
  }
#define TDL_INSTRUCTION_2(name, code)                \
  static inline int32_t name(int32_t a, int32_t b) { \
    int32_t y;                                       \
    __asm__(code : "=r"(y) : "r"(a), "r"(b));        \
    return y;                                        \
  }
#define TDL_INSTRUCTION_3(name, code)                           \
  static inline int32_t name(int32_t a, int32_t b, int32_t c) { \
    int32_t y;                                                  \
    __asm__(code : "=r"(y) : "r"(a), "r"(b), "r"(c));           \
    return y;                                                   \
  }

/* c + a.low * b.low + a.high * b.high */
TDL_INSTRUCTION_3(tdl_smlad, "smlad %0, %1, %2, %3")
/* a * b / 2^32, halves up; the same added to c, or taken from c */
TDL_INSTRUCTION_2(tdl_smmulr, "smmulr %0, %1, %2")
TDL_INSTRUCTION_3(tdl_smmlar, "smmlar %0, %1, %2, %3")
TDL_INSTRUCTION_3(tdl_smmlsr, "smmlsr %0, %1, %2, %3")
/* (a.low, b.low) */
TDL_INSTRUCTION_2(tdl_pack, "pkhbt %0, %1, %2, lsl #16")
/* Sums, differences of both halfwords. */
TDL_INSTRUCTION_2(tdl_add_halfwords, "sadd16 %0, %1, %2")
TDL_INSTRUCTION_2(tdl_subtract_halfwords, "ssub16 %0, %1, %2")
/* Bytes 1 and 3 of x as halfwords; bytes 0 and 2. */
TDL_INSTRUCTION_1(tdl_odd_bytes, "sxtb16 %0, %1, ror #8")
TDL_INSTRUCTION_1(tdl_even_bytes, "sxtb16 %0, %1")
/* The same of b, added to the halfwords of a. */
TDL_INSTRUCTION_2(tdl_add_odd_bytes, "sxtab16 %0, %1, %2, ror #8")
TDL_INSTRUCTION_2(tdl_add_even_bytes, "sxtab16 %0, %1, %2")
/* Both bytes of each halfword exchanged. */
TDL_INSTRUCTION_1(tdl_swap_bytes, "rev16 %0, %1")
/* x, at least -128 and at most 127. */
TDL_INSTRUCTION_1(tdl_saturate, "ssat %0, #8, %1")

/* Of each byte of a and b the larger one. */
static inline int32_t tdl_larger_bytes(int32_t a, int32_t b) {
  int32_t y;
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(y) : "r"(a), "r"(b) : "cc");
  return y;
}

#endif
