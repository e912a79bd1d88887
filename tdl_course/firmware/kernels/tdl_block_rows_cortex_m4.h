/* tdl_block_rows_cortex_m4.h: tdl_multiply_6_rows and tdl_multiply_4_rows for the Cortex-M4.
 *
 * A group of four values by six rows: loads 5, unpacking 3, 9, loads 4, 9 = 30 cycles for 24 products; by four rows:
 * loads 6, unpacking 3, 12 = 21 for 16. Pointers and counts wait in registers of the floating-point unit. */
#ifndef TDL_BLOCK_ROWS_CORTEX_M4_H
#define TDL_BLOCK_ROWS_CORTEX_M4_H

#include "tdl_asm_cortex_m4.h"

#define TDL_UNPACK                      \
  "sxtb16 %[odd], %[mix], ror #8\n\t"   \
  "eor %[mix], %[mix], #0x7F007F00\n\t" \
  "rev16.w %[mix], %[mix]\n\t"
#define TDL_ROW(sum, weight)                \
  "smlad " sum ", " weight ", %[odd], " sum \
  "\n\t"                                    \
  "sxtb16 " weight ", " weight              \
  "\n\t"                                    \
  "smlad " sum ", " weight ", %[mix], " sum "\n\t"
#define TDL_6_ROWS \
  "ldr %[mix], [%[x]], #4\n\t"                \
  "ldr %[w0], [%[w]], #24\n\t"                \
  "ldr %[w1], [%[w], #-20]\n\t"               \
  "ldr %[w2], [%[w], #-16]\n\t"               \
  TDL_UNPACK                                  \
  TDL_ROW("%[s0]", "%[w0]")                   \
  TDL_ROW("%[s1]", "%[w1]")                   \
  TDL_ROW("%[s2]", "%[w2]")                   \
  "ldr %[w0], [%[w], #-12]\n\t"               \
  "ldr %[w1], [%[w], #-8]\n\t"                \
  "ldr %[w2], [%[w], #-4]\n\t"                \
  TDL_ROW("%[s3]", "%[w0]")                   \
  TDL_ROW("%[s4]", "%[w1]")                   \
  TDL_ROW("%[s5]", "%[w2]")
#define TDL_4_ROWS                                                                            \
  "ldr %[mix], [%[x]], #4\n\t"                                                                \
  "ldr %[w0], [%[w]], #16\n\t"                                                                \
  "ldr %[w1], [%[w], #-12]\n\t"                                                               \
  "ldr %[w2], [%[w], #-8]\n\t"                                                                \
  "ldr %[w3], [%[w], #-4]\n\t" TDL_UNPACK TDL_ROW("%[s0]", "%[w0]") TDL_ROW("%[s1]", "%[w1]") \
      TDL_ROW("%[s2]", "%[w2]") TDL_ROW("%[s3]", "%[w3]")

/* The start of a row's sum, and its output; channel and y are in x and mix there. */
#define TDL_START_ROW(sum, row) "ldr " sum ", [%[x], #16 * " row "]\n\t"
#define TDL_END_ROW(sum, row)    \
  "ldr %[w0], [%[x], #16 * " row \
  " + 4]\n\t"                    \
  "ldr %[w1], [%[x], #16 * " row \
  " + 8]\n\t"                    \
  "ldr %[w2], [%[x], #16 * " row \
  " + 12]\n\t" TDL_SCALE_PAIRS(sum, "%[w0]", "%[w1]", "%[w2]", "%[w1]") "strb " sum ", [%[mix]], #1\n\t"

/* One block after the other: the sums start, run over the groups, four a turn, and become outputs. */
#define TDL_BLOCKS(group, group_bytes, starts, ends, bytes) \
  "vldmia %[w0]!, {s0-s5}\n\t" /* x, x_end, groups, blocks, channel, y */      \
  "ldr %[w], [%[w0]]\n\t"                                                     \
  "vmov %[w1], s2\n\t"                                                        \
  TDL_ENTRY("%[w0]", "%[w1]", group_bytes)                                     \
  "vmov s2, %[w0]\n"                                                          \
  "6:\n\t"                                                                     \
  "vmov %[x], s4\n\t"                                                          \
  starts                                                                       \
  "vmov %[x], s0\n\t"                                                          \
  "vmov %[w1], s2\n\t"                                                         \
  TDL_ENTER("%[w1]")                                                           \
  "4:\n\t" group "3:\n\t" group "2:\n\t" group "1:\n\t" group                  \
  "vmov %[w0], s1\n\t"                                                         \
  "cmp %[x], %[w0]\n\t"                                                        \
  "bne 4b\n\t"                                                                 \
  "vmov %[x], s4\n\t"                                                          \
  "vmov %[mix], s5\n\t"                                                        \
  ends                                                                         \
  "add %[x], %[x], #" bytes "\n\t"                                             \
  "vmov s4, %[x]\n\t"                                                          \
  "vmov s5, %[mix]\n\t"                                                        \
  "vmov %[w0], s3\n\t"                                                         \
  "subs %[w0], %[w0], #1\n\t"                                                  \
  "vmov s3, %[w0]\n\t"                                                         \
  "bne 6b\n\t"

static inline void tdl_multiply_6_rows(const tdl_rows_block *b) {
  int32_t s0, s1, s2, s3, s4, s5, odd, mix, w0 = (int32_t)b, w1, w2, x, w;
  __asm__ volatile(
      TDL_BLOCKS(TDL_6_ROWS, "112",
                 TDL_START_ROW("%[s0]", "0") TDL_START_ROW("%[s1]", "1") TDL_START_ROW("%[s2]", "2")
                     TDL_START_ROW("%[s3]", "3") TDL_START_ROW("%[s4]", "4") TDL_START_ROW("%[s5]", "5"),
                 TDL_END_ROW("%[s0]", "0") TDL_END_ROW("%[s1]", "1") TDL_END_ROW("%[s2]", "2") TDL_END_ROW("%[s3]", "3")
                     TDL_END_ROW("%[s4]", "4") TDL_END_ROW("%[s5]", "5"),
                 "96")
      : [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [s4] "=&r"(s4), [s5] "=&r"(s5),
        [odd] "=&r"(odd), [mix] "=&r"(mix), [w0] "+&r"(w0), [w1] "=&r"(w1), [w2] "=&r"(w2), [x] "=&r"(x), [w] "=&r"(w)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "cc", "memory");
}

static inline void tdl_multiply_4_rows(const tdl_rows_block *b) {
  int32_t s0, s1, s2, s3, odd, mix, w0 = (int32_t)b, w1, w2, w3, x, w;
  __asm__ volatile(TDL_BLOCKS(TDL_4_ROWS, "80",
                              TDL_START_ROW("%[s0]", "0") TDL_START_ROW("%[s1]", "1") TDL_START_ROW("%[s2]", "2")
                                  TDL_START_ROW("%[s3]", "3"),
                              TDL_END_ROW("%[s0]", "0") TDL_END_ROW("%[s1]", "1") TDL_END_ROW("%[s2]", "2")
                                  TDL_END_ROW("%[s3]", "3"),
                              "64")
                   : [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [odd] "=&r"(odd), [mix] "=&r"(mix),
                     [w0] "+&r"(w0), [w1] "=&r"(w1), [w2] "=&r"(w2), [w3] "=&r"(w3), [x] "=&r"(x), [w] "=&r"(w)
                   :
                   : "s0", "s1", "s2", "s3", "s4", "s5", "cc", "memory");
}

#endif
