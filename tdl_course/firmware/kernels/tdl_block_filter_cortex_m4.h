/* tdl_block_filter_cortex_m4.h: tdl_filter_by_1 and tdl_filter_by_2 for the Cortex-M4.
 *
 * Six weights, two sums, two words of values and two or three pointers fill the registers; all else waits in registers
 * of the floating-point unit. Of two outputs (18 products) side by side:
 *   by 1: 1 + three kernel rows of 2 loads (3) and 4 multiplications = 22, scaling 13, storing 5, half a loop 3: 43 cycles
 *   by 2: 1 + three kernel rows of 3 loads (5) and 4 multiplications = 28, scaling 13, storing 7, half a loop 3: 51 */
#ifndef TDL_BLOCK_FILTER_CORTEX_M4_H
#define TDL_BLOCK_FILTER_CORTEX_M4_H

#include "tdl_asm_cortex_m4.h"

/* One kernel row: its products are added to both sums, that of the first output from `from` on. */
#define TDL_ROW_BY_1(load, from, wl, wr)    \
  load "smlad %[one], %[xa], " wl ", " from \
       "\n\t"                               \
       "smlatb %[two], %[xa], " wl          \
       ", %[two]\n\t"                       \
       "smlabt %[one], %[xb], " wr          \
       ", %[one]\n\t"                       \
       "smlad %[two], %[xb], " wr ", %[two]\n\t"
#define TDL_ROW_BY_2(a, b, c, from, wl, wr) \
  "ldr %[xa], [%[a]" a                      \
  "\n\t"                                    \
  "ldr %[xb], [%[b]" b                      \
  "\n\t"                                    \
  "smlad %[one], %[xa], " wl ", " from      \
  "\n\t"                                    \
  "smlabt %[one], %[xb], " wr               \
  ", %[one]\n\t"                            \
  "ldr %[xa], [%[c]" c                      \
  "\n\t"                                    \
  "smlad %[two], %[xb], " wl                \
  ", %[two]\n\t"                            \
  "smlabt %[two], %[xa], " wr ", %[two]\n\t"

/* Both sums as outputs; words of values are spent. */
#define TDL_SCALE_TWO                       \
  "vmov %[xa], s1\n\t"                      \
  "vmov %[xb], s2\n\t"                      \
  "add %[xb], %[xb], %[two], asr #31\n\t"   \
  "smmlar %[two], %[two], %[xa], %[xb]\n\t" \
  "vmov %[xb], s2\n\t"                      \
  "add %[xb], %[xb], %[one], asr #31\n\t"   \
  "smmlar %[one], %[one], %[xa], %[xb]\n\t" \
  "vmov %[xa], s3\n\t"                      \
  "vmov %[xb], s5\n\t"                      \
  "asr %[two], %[two], %[xa]\n\t"           \
  "asr %[one], %[one], %[xa]\n\t"           \
  "ssat %[two], #8, %[two]\n\t"             \
  "ssat %[one], #8, %[one]\n\t"

#define TDL_LOAD_FILTER                                                  \
  "vldmia %[w00]!, {s4-s9}\n\t" /* the first six fields of tdl_filter */ \
  "ldr %[a], [%[w00]]\n\t"                                               \
  "ldr %[xa], [%[w00], #4]\n\t"                                          \
  "ldr %[xb], [%[w00], #8]\n\t"                                          \
  "ldr %[one], [%[w00], #12]\n\t"                                        \
  "ldr %[w00], [%[w00], #16]\n\t"                                        \
  "vldmia %[one], {s0-s3}\n\t" /* start, multiplier, offset, shift */    \
  "ldr %[w01], [%[w00], #4]\n\t"                                         \
  "ldr %[w10], [%[w00], #8]\n\t"                                         \
  "ldr %[w11], [%[w00], #12]\n\t"                                        \
  "ldr %[w20], [%[w00], #16]\n\t"                                        \
  "ldr %[w21], [%[w00], #20]\n\t"                                        \
  "ldr %[w00], [%[w00]]\n\t"                                             \
  "add %[b], %[a], %[xa]\n\t"

#define TDL_NEXT_PAIR         \
  "vmov %[xa], s9\n\t"        \
  "subs %[xa], %[xa], #1\n\t" \
  "vmov s9, %[xa]\n\t"        \
  "bne 4b\n\t"

#define TDL_TWO_BY_1                                                                                            \
  "vmov %[two], s0\n\t" TDL_ROW_BY_1("ldr %[xa], [%[a]], #4\n\t ldr %[xb], [%[b]], #4\n\t", "%[two]", "%[w00]", \
                                     "%[w01]")                                                                  \
      TDL_ROW_BY_1("ldr %[xa], [%[a]]\n\t ldr %[xb], [%[b]]\n\t", "%[one]", "%[w10]", "%[w11]")                 \
          TDL_ROW_BY_1("ldr %[xa], [%[a], #4]\n\t ldr %[xb], [%[b], #4]\n\t", "%[one]", "%[w20]", "%[w21]")     \
              TDL_SCALE_TWO                                                                                     \
      "vmov %[xa], s4\n\t"                                                                                      \
      "strb %[two], [%[y], %[xb]]\n\t"                                                                          \
      "strb %[one], [%[y]]\n\t"                                                                                 \
      "add %[y], %[y], %[xa]\n\t"
#define TDL_TWO_BY_2                                                                          \
  "vmov %[two], s0\n\t" TDL_ROW_BY_2("], #8", "], #8", "], #8", "%[two]", "%[w00]", "%[w01]") \
      TDL_ROW_BY_2(", #-4]", ", #-4]", ", #-4]", "%[one]", "%[w10]", "%[w11]")                \
          TDL_ROW_BY_2("]", "]", "]", "%[one]", "%[w20]", "%[w21]") TDL_SCALE_TWO             \
      "vmov %[xa], s11\n\t"                                                                   \
      "strb %[two], [%[xa], %[xb]]\n\t"                                                       \
      "strb %[one], [%[xa]]\n\t"                                                              \
      "vmov %[xb], s4\n\t"                                                                    \
      "add %[xa], %[xa], %[xb]\n\t"                                                           \
      "vmov s11, %[xa]\n\t"

/* Down two columns of outputs, two rows a turn; an odd number enters in the middle. `odd` is the bit that tells. */
#define TDL_DOWN(two, odd)     \
  "4:\n\t"                     \
  "vmov %[xa], s6\n\t"         \
  "tst %[xa], #" odd           \
  "\n\t"                       \
  "add %[xa], %[xa], %[a]\n\t" \
  "vmov s10, %[xa]\n\t"        \
  "bne 2f\n"                   \
  "1:\n\t" two "2:\n\t" two    \
  "vmov %[xb], s10\n\t"        \
  "cmp %[a], %[xb]\n\t"        \
  "bne 1b\n\t"                 \
  "vmov %[xa], s7\n\t"         \
  "vmov %[xb], s8\n\t"

static inline void tdl_filter_by_1(const tdl_filter *f) {
  int32_t w00 = (int32_t)f, w01, w10, w11, w20, w21, one, two, xa, xb, a, b, y;
  __asm__ volatile(
      TDL_LOAD_FILTER
      "mov %[y], %[xb]\n"
      TDL_DOWN(TDL_TWO_BY_1, "4")
      "add %[a], %[a], %[xa]\n\t"
      "add %[b], %[b], %[xa]\n\t"
      "add %[y], %[y], %[xb]\n\t"
      TDL_NEXT_PAIR
      : [w00] "+&r"(w00), [w01] "=&r"(w01), [w10] "=&r"(w10), [w11] "=&r"(w11), [w20] "=&r"(w20), [w21] "=&r"(w21),
        [one] "=&r"(one), [two] "=&r"(two), [xa] "=&r"(xa), [xb] "=&r"(xb), [a] "=&r"(a), [b] "=&r"(b), [y] "=&r"(y)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "cc", "memory");
}

static inline void tdl_filter_by_2(const tdl_filter *f) {
  int32_t w00 = (int32_t)f, w01, w10, w11, w20, w21, one, two, xa, xb, a, b, c;
  __asm__ volatile(
      TDL_LOAD_FILTER
      "vmov s11, %[xb]\n\t"
      "add %[c], %[b], %[xa]\n"
      TDL_DOWN(TDL_TWO_BY_2, "8")
      "add %[a], %[a], %[xa]\n\t"
      "add %[b], %[b], %[xa]\n\t"
      "add %[c], %[c], %[xa]\n\t"
      "vmov %[xa], s11\n\t"
      "add %[xa], %[xa], %[xb]\n\t"
      "vmov s11, %[xa]\n\t"
      TDL_NEXT_PAIR
      : [w00] "+&r"(w00), [w01] "=&r"(w01), [w10] "=&r"(w10), [w11] "=&r"(w11), [w20] "=&r"(w20), [w21] "=&r"(w21),
        [one] "=&r"(one), [two] "=&r"(two), [xa] "=&r"(xa), [xb] "=&r"(xb), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "cc", "memory");
}

#define TDL_TAKE_ROW                    \
  "ldrh %[c], [%[x]]\n\t"               \
  "ldrh %[d], [%[x], %[right]]\n\t"     \
  "add %[x], %[x], %[down]\n\t"         \
  "pkhbt %[c], %[c], %[d], lsl #16\n\t" \
  "sxtb16 %[d], %[c]\n\t"               \
  "sxtb16 %[c], %[c], ror #8\n\t"       \
  "str %[d], [%[first]], #4\n\t"        \
  "str %[c], [%[second]], #4\n\t"

/* A row of four values: loads 2 (3), 6, half of the loop 2 = 11 cycles. rows is 1 or more. */
static inline void tdl_take_strips(const int8_t *x, int32_t right, int32_t down, int32_t rows, int32_t *first,
                                   int32_t *second) {
  int32_t c, d;
  __asm__ volatile(
      "adds %[rows], %[rows], #1\n\t"
      "lsrs %[rows], %[rows], #1\n\t" /* carry: their number is even */
      "bcc 2f\n"
      "1:\n\t" TDL_TAKE_ROW "2:\n\t" TDL_TAKE_ROW
      "subs %[rows], %[rows], #1\n\t"
      "bne 1b\n\t"
      : [c] "=&r"(c), [d] "=&r"(d), [x] "+&r"(x), [rows] "+&r"(rows), [first] "+&r"(first), [second] "+&r"(second)
      : [right] "r"(right), [down] "r"(down)
      : "cc", "memory");
}

#endif
