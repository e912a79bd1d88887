/* tdl_block_add_cortex_m4.h: tdl_add_fours for the Cortex-M4. Four sums take about 70 cycles. */
#ifndef TDL_BLOCK_ADD_CORTEX_M4_H
#define TDL_BLOCK_ADD_CORTEX_M4_H

#include "tdl_asm_cortex_m4.h"

#define TDL_SHARE_OF_B(t) \
  "add %[u], %[c1], " t   \
  ", asr #31\n\t"         \
  "smmlar " t ", " t      \
  ", %[c0], %[u]\n\t"     \
  "asr " t ", " t ", %[c2]\n\t"
#define TDL_SHARE_OF_A(t, byte) \
  "sbfx %[u], %[w], #8 * " byte \
  ", #8\n\t"                    \
  "add " t ", %[c0], " t        \
  ", lsl #1\n\t"                \
  "add " t ", " t ", %[u], lsl #20\n\t"

/* a, b and y: [fours][4], from any address; fours is 1 or more. */
static inline void tdl_add_fours(const tdl_sum_constants *c, const int8_t *a, const int8_t *b, int8_t *y,
                                 int32_t fours) {
  int32_t t0, t1, t2, t3, w, u, c0, c1, c2 = (int32_t)c;
  __asm__ volatile(
      "vldmia %[c2], {s0-s8}\n" /* the fields of tdl_sum_constants */
      "1:\n\t"
      "ldr %[w], [%[b]], #4\n\t"
      "vmov %[c0], s0\n\t"
      "vmov %[c1], s1\n\t"
      "sbfx %[t0], %[w], #0, #8\n\t"
      "sbfx %[t1], %[w], #8, #8\n\t"
      "sbfx %[t2], %[w], #16, #8\n\t"
      "asr %[t3], %[w], #24\n\t"
      "mla %[t0], %[t0], %[c0], %[c1]\n\t"
      "mla %[t1], %[t1], %[c0], %[c1]\n\t"
      "mla %[t2], %[t2], %[c0], %[c1]\n\t"
      "mla %[t3], %[t3], %[c0], %[c1]\n\t"
      "vmov %[c0], s2\n\t"
      "vmov %[c1], s3\n\t"
      "vmov %[c2], s4\n\t"
      TDL_SHARE_OF_B("%[t0]") TDL_SHARE_OF_B("%[t1]") TDL_SHARE_OF_B("%[t2]") TDL_SHARE_OF_B("%[t3]")
      "ldr %[w], [%[a]], #4\n\t"
      "vmov %[c0], s5\n\t"
      TDL_SHARE_OF_A("%[t0]", "0") TDL_SHARE_OF_A("%[t1]", "1")
      TDL_SHARE_OF_A("%[t2]", "2") TDL_SHARE_OF_A("%[t3]", "3")
      "vmov %[c0], s6\n\t"
      "vmov %[c1], s7\n\t"
      "vmov %[c2], s8\n\t"
      TDL_SCALE("%[t0]", "%[c0]", "%[c1]", "%[c2]", "%[u]")
      TDL_SCALE("%[t1]", "%[c0]", "%[c1]", "%[c2]", "%[u]")
      TDL_SCALE("%[t2]", "%[c0]", "%[c1]", "%[c2]", "%[u]")
      TDL_SCALE("%[t3]", "%[c0]", "%[c1]", "%[c2]", "%[u]")
      "strb %[t1], [%[y], #1]\n\t"
      "strb %[t2], [%[y], #2]\n\t"
      "strb %[t3], [%[y], #3]\n\t"
      "strb %[t0], [%[y]], #4\n\t"
      "subs %[fours], %[fours], #1\n\t"
      "bne 1b\n\t"
      : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [w] "=&r"(w), [u] "=&r"(u), [c0] "=&r"(c0),
        [c1] "=&r"(c1), [c2] "+&r"(c2), [a] "+&r"(a), [b] "+&r"(b), [y] "+&r"(y), [fours] "+&r"(fours)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "cc", "memory");
}

#endif
