/* tdl_dsp_cortex_m4.h: the functions of tdl_dsp.h as instructions of the DSP extension.
 *
 * Cycles below are those of the Cortex-M4: a multiplication 1; loads of a run 1 each, and 1 more for the run. */
#ifndef TDL_DSP_CORTEX_M4_H
#define TDL_DSP_CORTEX_M4_H

#include <arm_acle.h>
#include <stdint.h>

static inline int32_t tdl_smlad(int32_t a, int32_t b, int32_t sum) { return __smlad(a, b, sum); }
static inline int32_t tdl_smlabt(int32_t a, int32_t b, int32_t sum) { return __smlabt(a, b, sum); }
static inline int32_t tdl_smlatb(int32_t a, int32_t b, int32_t sum) { return __smlatb(a, b, sum); }
static inline int32_t tdl_even_bytes(int32_t x) { return __sxtb16(x); }
static inline int32_t tdl_odd_bytes(int32_t x) {
  int32_t y;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
  return y;
}
static inline int32_t tdl_swap_bytes(int32_t x) { return (int32_t)__rev16((uint32_t)x); }
static inline int32_t tdl_smmlar(int32_t a, int32_t b, int32_t sum) {
  int32_t y;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(sum));
  return y;
}
static inline int32_t tdl_saturate(int32_t x) { return __ssat(x, 8); }

/* Jumps to label 4, 3, 2 or 1: so many groups of a turn of four are left at first. `count` is 1 or more, and is lost. */
#define TDL_ENTER(count)                                                           \
  "lsls " count ", " count ", #31\n\t" /* carry: count & 2, negative: count & 1 */ \
  "bcs 5f\n\t"                                                                    \
  "bmi 1f\n\t"                                                                    \
  "b 4f\n"                                                                        \
  "5:\n\t"                                                                        \
  "bmi 3f\n\t"                                                                    \
  "b 2f\n"

/* Six sums: three columns (pixels) by two channels, `groups` times four values. See tdl_pairs.h for the arithmetic.
 *
 * columns [groups][6]: odd of the three columns, then mix of the three   weights [groups][2]: pair of the two channels
 *
 * Six sums, two weights, three values and two pointers fill the registers, so the end of the columns waits in a register
 * of the floating-point unit. A group: loads 6, SMLAD 6, SXTB16 2, loads 4, SMLAD 6 = 24 cycles for 24 products. Four
 * groups a turn; a count that is no multiple of four enters in the middle. */
#define TDL_SIX                            \
  "smlad %[s0], %[w0], %[x0], %[s0]\n\t"           \
  "smlad %[s1], %[w0], %[x1], %[s1]\n\t"           \
  "smlad %[s2], %[w0], %[x2], %[s2]\n\t"           \
  "smlad %[s3], %[w1], %[x0], %[s3]\n\t"           \
  "smlad %[s4], %[w1], %[x1], %[s4]\n\t"           \
  "smlad %[s5], %[w1], %[x2], %[s5]\n\t"
#define TDL_GROUP_3X2                              \
  "ldr %[w0], [%[w]], #8\n\t"                      \
  "ldr %[w1], [%[w], #-4]\n\t"                     \
  "ldr %[x0], [%[x]], #24\n\t"                     \
  "ldr %[x1], [%[x], #-20]\n\t"                    \
  "ldr %[x2], [%[x], #-16]\n\t"                    \
  TDL_SIX                                        \
  "sxtb16 %[w0], %[w0]\n\t"                        \
  "sxtb16 %[w1], %[w1]\n\t"                        \
  "ldr %[x0], [%[x], #-12]\n\t"                    \
  "ldr %[x1], [%[x], #-8]\n\t"                     \
  "ldr %[x2], [%[x], #-4]\n\t"                     \
  TDL_SIX

static inline void tdl_multiply_3x2(const int32_t *columns, const int32_t *weights, int32_t groups, int32_t sum[6]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3], s4 = sum[4], s5 = sum[5];
  int32_t x0 = (int32_t)(columns + 6 * groups), x1 = groups, x2, w0, w1;
  __asm__ volatile(
      "vmov s0, %[x0]\n\t" TDL_ENTER("%[x1]") "4:\n\t" TDL_GROUP_3X2 "3:\n\t" TDL_GROUP_3X2 "2:\n\t" TDL_GROUP_3X2
      "1:\n\t" TDL_GROUP_3X2
      "vmov %[x0], s0\n\t"
      "cmp %[x], %[x0]\n\t"
      "bne 4b\n\t"
      : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [s4] "+r"(s4), [s5] "+r"(s5), [x0] "+r"(x0),
        [x1] "+r"(x1), [x2] "=&r"(x2), [w0] "=&r"(w0), [w1] "=&r"(w1), [x] "+r"(columns), [w] "+r"(weights)
      :
      : "s0", "cc", "memory");
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3, sum[4] = s4, sum[5] = s5;
}

/* Sums of six rows of weights, or of four, over one row of values, which are unpacked here: see tdl_pairs.h.
 *
 * x [groups][4]   weights [groups][rows]: pair of each row
 *
 * A group of six rows: loads 5, unpacking 3, 9, loads 4, 9 = 30 cycles for 24 products; of four rows 21 for 16. */
#define TDL_UNPACK                            \
  "sxtb16 %[odd], %[mix], ror #8\n\t"        \
  "eor %[mix], %[mix], #0x7F007F00\n\t"      \
  "rev16 %[mix], %[mix]\n\t"
#define TDL_ROW(s, w)                         \
  "smlad " s ", " w ", %[odd], " s "\n\t"    \
  "sxtb16 " w ", " w "\n\t"                  \
  "smlad " s ", " w ", %[mix], " s "\n\t"
#define TDL_GROUP_6_ROWS                      \
  "ldr %[mix], [%[x]], #4\n\t"               \
  "ldr %[w0], [%[w]], #24\n\t"               \
  "ldr %[w1], [%[w], #-20]\n\t"              \
  "ldr %[w2], [%[w], #-16]\n\t"              \
  TDL_UNPACK                                  \
  TDL_ROW("%[s0]", "%[w0]")                   \
  TDL_ROW("%[s1]", "%[w1]")                   \
  TDL_ROW("%[s2]", "%[w2]")                   \
  "ldr %[w0], [%[w], #-12]\n\t"              \
  "ldr %[w1], [%[w], #-8]\n\t"               \
  "ldr %[w2], [%[w], #-4]\n\t"               \
  TDL_ROW("%[s3]", "%[w0]")                   \
  TDL_ROW("%[s4]", "%[w1]")                   \
  TDL_ROW("%[s5]", "%[w2]")
#define TDL_GROUP_4_ROWS                      \
  "ldr %[mix], [%[x]], #4\n\t"               \
  "ldr %[w0], [%[w]], #16\n\t"               \
  "ldr %[w1], [%[w], #-12]\n\t"              \
  "ldr %[w2], [%[w], #-8]\n\t"               \
  "ldr %[w3], [%[w], #-4]\n\t"               \
  TDL_UNPACK                                  \
  TDL_ROW("%[s0]", "%[w0]")                   \
  TDL_ROW("%[s1]", "%[w1]")                   \
  TDL_ROW("%[s2]", "%[w2]")                   \
  TDL_ROW("%[s3]", "%[w3]")

static inline void tdl_multiply_6_rows(const int8_t *x, const int32_t *weights, int32_t groups, int32_t sum[6]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3], s4 = sum[4], s5 = sum[5];
  int32_t odd, mix, w0 = (int32_t)(x + 4 * groups), w1 = groups, w2;
  __asm__ volatile(
      "vmov s0, %[w0]\n\t" TDL_ENTER("%[w1]") "4:\n\t" TDL_GROUP_6_ROWS "3:\n\t" TDL_GROUP_6_ROWS
      "2:\n\t" TDL_GROUP_6_ROWS "1:\n\t" TDL_GROUP_6_ROWS
      "vmov %[w0], s0\n\t"
      "cmp %[x], %[w0]\n\t"
      "bne 4b\n\t"
      : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [s4] "+r"(s4), [s5] "+r"(s5), [odd] "=&r"(odd),
        [mix] "=&r"(mix), [w0] "+r"(w0), [w1] "+r"(w1), [w2] "=&r"(w2), [x] "+r"(x), [w] "+r"(weights)
      :
      : "s0", "cc", "memory");
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3, sum[4] = s4, sum[5] = s5;
}

static inline void tdl_multiply_4_rows(const int8_t *x, const int32_t *weights, int32_t groups, int32_t sum[4]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
  int32_t odd, mix, w0 = (int32_t)(x + 4 * groups), w1 = groups, w2, w3;
  __asm__ volatile(
      "vmov s0, %[w0]\n\t" TDL_ENTER("%[w1]") "4:\n\t" TDL_GROUP_4_ROWS "3:\n\t" TDL_GROUP_4_ROWS
      "2:\n\t" TDL_GROUP_4_ROWS "1:\n\t" TDL_GROUP_4_ROWS
      "vmov %[w0], s0\n\t"
      "cmp %[x], %[w0]\n\t"
      "bne 4b\n\t"
      : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [odd] "=&r"(odd), [mix] "=&r"(mix), [w0] "+r"(w0),
        [w1] "+r"(w1), [w2] "=&r"(w2), [w3] "=&r"(w3), [x] "+r"(x), [w] "+r"(weights)
      :
      : "s0", "cc", "memory");
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

#endif
