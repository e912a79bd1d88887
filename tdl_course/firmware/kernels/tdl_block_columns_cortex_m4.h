/* tdl_block_columns_cortex_m4.h: tdl_multiply_columns for the Cortex-M4.
 *
 * Six sums (three pixels by two channels), three values, two weights and two pointers fill the registers that a compiler
 * gives away; all else waits in registers of the floating-point unit, from where a word comes in one cycle.
 *
 * A group of four values: loads of a run take 1 cycle each and 1 for the run, all else 1:
 *   5 loads (6), 6 SMLAD, 2 SXTB16, 3 loads (4), 6 SMLAD = 24 cycles for 24 products.
 * Four groups a turn; a count that is no multiple of four enters in the middle. A pair of channels costs about 70 cycles
 * beyond its groups, of which 30 scale six sums. */
#ifndef TDL_BLOCK_COLUMNS_CORTEX_M4_H
#define TDL_BLOCK_COLUMNS_CORTEX_M4_H

#include "tdl_asm_cortex_m4.h"

#define TDL_SIX                          \
  "smlad %[a0], %[w0], %[x0], %[a0]\n\t" \
  "smlad %[a1], %[w0], %[x1], %[a1]\n\t" \
  "smlad %[a2], %[w0], %[x2], %[a2]\n\t" \
  "smlad %[b0], %[w1], %[x0], %[b0]\n\t" \
  "smlad %[b1], %[w1], %[x1], %[b1]\n\t" \
  "smlad %[b2], %[w1], %[x2], %[b2]\n\t"
#define TDL_COLUMNS_GROUP               \
  "ldr %[w0], [%[w]], #8\n\t"           \
  "ldr %[w1], [%[w], #-4]\n\t"          \
  "ldr %[x0], [%[x]], #24\n\t"          \
  "ldr %[x1], [%[x], #-20]\n\t"         \
  "ldr %[x2], [%[x], #-16]\n\t" TDL_SIX \
  "sxtb16 %[w0], %[w0]\n\t"             \
  "sxtb16 %[w1], %[w1]\n\t"             \
  "ldr %[x0], [%[x], #-12]\n\t"         \
  "ldr %[x1], [%[x], #-8]\n\t"          \
  "ldr %[x2], [%[x], #-4]\n\t" TDL_SIX

#define TDL_UNPACK_GROUP              \
  "ldr %[x0], [%[a]], #4\n\t"         \
  "ldr %[x1], [%[b]], #4\n\t"         \
  "ldr %[x2], [%[c]], #4\n\t"         \
  "sxtb16 %[odd0], %[x0], ror #8\n\t" \
  "sxtb16 %[odd1], %[x1], ror #8\n\t" \
  "sxtb16 %[odd2], %[x2], ror #8\n\t" \
  "eor %[x0], %[x0], #0x7F007F00\n\t" \
  "eor %[x1], %[x1], #0x7F007F00\n\t" \
  "eor %[x2], %[x2], #0x7F007F00\n\t" \
  "rev16 %[x0], %[x0]\n\t"            \
  "rev16 %[x1], %[x1]\n\t"            \
  "rev16 %[x2], %[x2]\n\t"            \
  "str %[odd1], [%[column], #4]\n\t"  \
  "str %[odd2], [%[column], #8]\n\t"  \
  "str %[x0], [%[column], #12]\n\t"   \
  "str %[x1], [%[column], #16]\n\t"   \
  "str %[x2], [%[column], #20]\n\t"   \
  "str %[odd0], [%[column]], #24\n\t"

/* A group of three pixels: loads 3 (4), unpacking 9, stores 6, half of the loop 2 = 21 cycles. */
static inline int32_t *tdl_unpack_columns(const int8_t *a, const int8_t *b, const int8_t *c, int32_t groups,
                                          int32_t *column) {
  int32_t x0, x1, x2, odd0, odd1, odd2;
  __asm__ volatile(
      "adds %[groups], %[groups], #1\n\t"
      "lsrs %[groups], %[groups], #1\n\t" /* carry: their number is even */
      "bcc 2f\n"
      "1:\n\t" TDL_UNPACK_GROUP "2:\n\t" TDL_UNPACK_GROUP
      "subs %[groups], %[groups], #1\n\t"
      "bne 1b\n\t"
      : [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [odd0] "=&r"(odd0), [odd1] "=&r"(odd1), [odd2] "=&r"(odd2),
        [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [column] "+&r"(column), [groups] "+&r"(groups)
      :
      : "cc", "memory");
  return column;
}

static inline void tdl_multiply_columns(const tdl_columns_block *b) {
  int32_t a0, a1, a2, b0, b1, b2, x0 = (int32_t)b, x1, x2, w0, w1, x, w;
  __asm__ volatile(
      "vldmia %[x0]!, {s0-s6}\n\t" /* columns, columns_end, groups, y, second, third, channel */
      "ldr %[w], [%[x0]]\n\t"
      "ldr %[w0], [%[x0], #4]\n\t"
      "vmov s7, %[w0]\n\t" /* weights_end */
      "vmov %[x1], s2\n\t"
      TDL_ENTRY("%[x0]", "%[x1]", "88")
      "vmov s2, %[x0]\n"
      "6:\n\t" /* a pair of channels */
      "vmov %[x0], s6\n\t"
      "ldr %[a0], [%[x0]]\n\t"
      "ldr %[b0], [%[x0], #16]\n\t"
      "vmov %[x], s0\n\t"
      "vmov %[x1], s2\n\t"
      "mov %[a1], %[a0]\n\t"
      "mov %[a2], %[a0]\n\t"
      "mov %[b1], %[b0]\n\t"
      "mov %[b2], %[b0]\n\t"
      TDL_ENTER("%[x1]")
      "4:\n\t" TDL_COLUMNS_GROUP
      "3:\n\t" TDL_COLUMNS_GROUP
      "2:\n\t" TDL_COLUMNS_GROUP
      "1:\n\t" TDL_COLUMNS_GROUP
      "vmov %[x0], s1\n\t"
      "cmp %[x], %[x0]\n\t"
      "bne 4b\n\t"
      "vmov %[x], s6\n\t"
      "ldr %[x0], [%[x], #4]\n\t"
      "ldr %[x1], [%[x], #8]\n\t"
      "ldr %[x2], [%[x], #12]\n\t"
      TDL_SCALE_PAIRS("%[a0]", "%[x0]", "%[x1]", "%[x2]", "%[w0]")
      TDL_SCALE_PAIRS("%[a1]", "%[x0]", "%[x1]", "%[x2]", "%[w0]")
      TDL_SCALE_PAIRS("%[a2]", "%[x0]", "%[x1]", "%[x2]", "%[w0]")
      "ldr %[x0], [%[x], #20]\n\t"
      "ldr %[x1], [%[x], #24]\n\t"
      "ldr %[x2], [%[x], #28]\n\t"
      TDL_SCALE_PAIRS("%[b0]", "%[x0]", "%[x1]", "%[x2]", "%[w0]")
      TDL_SCALE_PAIRS("%[b1]", "%[x0]", "%[x1]", "%[x2]", "%[w0]")
      TDL_SCALE_PAIRS("%[b2]", "%[x0]", "%[x1]", "%[x2]", "%[w0]")
      "add %[x], %[x], #32\n\t"
      "vmov s6, %[x]\n\t"
      "vmov %[x0], s3\n\t"
      "vmov %[x1], s4\n\t"
      "vmov %[x2], s5\n\t"
      "add %[x1], %[x0], %[x1]\n\t"
      "add %[x2], %[x0], %[x2]\n\t"
      "strb %[a2], [%[x2]]\n\t"
      "strb %[b2], [%[x2], #1]\n\t"
      "strb %[a1], [%[x1]]\n\t"
      "strb %[b1], [%[x1], #1]\n\t"
      "strb %[b0], [%[x0], #1]\n\t"
      "strb %[a0], [%[x0]], #2\n\t"
      "vmov s3, %[x0]\n\t"
      "vmov %[x1], s7\n\t"
      "cmp %[w], %[x1]\n\t"
      "bne 6b\n\t"
      : [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [b0] "=&r"(b0), [b1] "=&r"(b1), [b2] "=&r"(b2),
        [x0] "+&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [w0] "=&r"(w0), [w1] "=&r"(w1), [x] "=&r"(x), [w] "=&r"(w)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "cc", "memory");
}

#endif
