/* tdl_block_winograd_cortex_m4.h: the inner loops of tdl_block_winograd.h for the Cortex-M4. */
#ifndef TDL_BLOCK_WINOGRAD_CORTEX_M4_H
#define TDL_BLOCK_WINOGRAD_CORTEX_M4_H

#include "tdl_asm_cortex_m4.h"

/* Values of four channels of one tile: those of channels 0 and 2, then those of 1 and 3. Rows come in the order 0, 2,
 * 1, 3, in which each is combined with the one before:
 *
 *   rows 0 and 2: V1 = d0 - d2    rows 2 and 1: V0 = d2 - d1, V2 = d2 + d1    rows 1 and 3: V3 = d3 - d1
 *
 * Two channels: loads 24, halfwords 16, across the rows 16, from row to row 16, stores 16, steps 5 = 93 cycles.
 *
 * A row: its positions j = 0 ... 3 come to be in d2, d0, spare, d3; d1 is free then. `bytes`: "" or ", ror #8". */
#define TDL_WINOGRAD_ROW(d0, d1, d2, d3, spare, bytes) \
  "add " spare                                         \
  ", %[from], %[column]\n\t"                           \
  "ldr " d0                                            \
  ", [%[from]]\n\t"                                    \
  "ldr " d1                                            \
  ", [%[from], %[column]]\n\t"                         \
  "ldr " d2                                            \
  ", [%[from], %[column], lsl #1]\n\t"                 \
  "ldr " d3 ", [" spare                                \
  ", %[column], lsl #1]\n\t"                           \
  "sxtb16 " d0 ", " d0 bytes                           \
  "\n\t"                                               \
  "sxtb16 " d1 ", " d1 bytes                           \
  "\n\t"                                               \
  "sxtb16 " d2 ", " d2 bytes                           \
  "\n\t"                                               \
  "sxtb16 " d3 ", " d3 bytes                           \
  "\n\t"                                               \
  "sadd16 " spare ", " d1 ", " d2                      \
  "\n\t"                                               \
  "ssub16 " d0 ", " d0 ", " d2                         \
  "\n\t"                                               \
  "ssub16 " d3 ", " d3 ", " d1                         \
  "\n\t"                                               \
  "ssub16 " d2 ", " d2 ", " d1 "\n\t"

/* a -= b, stored. */
#define TDL_WINOGRAD_LESS(a, b, at) \
  "ssub16 " a ", " a ", " b         \
  "\n\t"                            \
  "str " a ", [%[to], #(" at ")]\n\t"

/* a - b, stored; then a += b, stored in V2. */
#define TDL_WINOGRAD_BOTH(a, b, at) \
  "ssub16 %[t], " a ", " b          \
  "\n\t"                            \
  "str %[t], [%[to], #(" at         \
  ")]\n\t"                          \
  "sadd16 " a ", " a ", " b         \
  "\n\t"                            \
  "str " a ", [%[to], #(" at " + 24)]\n\t"

/* Two channels, whose values begin at byte `plane`; position (i, j) lies at 48 * j + 12 * i. */
#define TDL_WINOGRAD_VALUES(bytes, plane)                             \
  TDL_WINOGRAD_ROW("%[a0]", "%[a1]", "%[a2]", "%[a3]", "%[t]", bytes) \
  "add %[from], %[from], %[row], lsl #1\n\t"                        \
  TDL_WINOGRAD_ROW("%[b0]", "%[b1]", "%[b2]", "%[b3]", "%[a1]", bytes)\
  TDL_WINOGRAD_LESS("%[a2]", "%[b2]", plane " + 12")                \
  TDL_WINOGRAD_LESS("%[a0]", "%[b0]", plane " + 60")                \
  TDL_WINOGRAD_LESS("%[t]", "%[a1]", plane " + 108")                \
  TDL_WINOGRAD_LESS("%[a3]", "%[b3]", plane " + 156")               \
  "sub %[from], %[from], %[row]\n\t"                                \
  TDL_WINOGRAD_ROW("%[a0]", "%[t]", "%[a2]", "%[a3]", "%[b1]", bytes)\
  TDL_WINOGRAD_BOTH("%[b2]", "%[a2]", plane)                        \
  TDL_WINOGRAD_BOTH("%[b0]", "%[a0]", plane " + 48")                \
  TDL_WINOGRAD_BOTH("%[a1]", "%[b1]", plane " + 96")                \
  TDL_WINOGRAD_BOTH("%[b3]", "%[a3]", plane " + 144")               \
  "add %[from], %[from], %[row], lsl #1\n\t"                        \
  TDL_WINOGRAD_ROW("%[b0]", "%[a1]", "%[b2]", "%[b3]", "%[t]", bytes)\
  TDL_WINOGRAD_LESS("%[b2]", "%[a2]", plane " + 36")                \
  TDL_WINOGRAD_LESS("%[b0]", "%[a0]", plane " + 84")                \
  TDL_WINOGRAD_LESS("%[t]", "%[b1]", plane " + 132")                \
  TDL_WINOGRAD_LESS("%[b3]", "%[a3]", plane " + 180")               \
  "sub %[from], %[from], %[row], lsl #1\n\t"                        \
  "sub %[from], %[from], %[row]\n\t"

static inline void tdl_winograd_values(const int8_t *window, int32_t row, int32_t channels, int32_t *values) {
  int32_t a0, a1, a2, a3, b0, b1, b2, b3, t;
  __asm__ volatile(
      "add %[t], %[from], %[column]\n\t"
      "vmov s0, %[t]\n" /* the end of the first pixel's channels */
      "1:\n\t" TDL_WINOGRAD_VALUES("", "0")
      TDL_WINOGRAD_VALUES(", ror #8", "192")
      "add %[from], %[from], #4\n\t"
      "add %[to], %[to], #384\n\t"
      "vmov %[t], s0\n\t"
      "cmp %[from], %[t]\n\t"
      "bne 1b\n\t"
      : [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [a3] "=&r"(a3), [b0] "=&r"(b0), [b1] "=&r"(b1), [b2] "=&r"(b2),
        [b3] "=&r"(b3), [t] "=&r"(t), [from] "+&r"(window), [to] "+&r"(values)
      : [column] "r"(channels), [row] "r"(row)
      : "s0", "cc", "memory");
}

/* Six sums (three tiles by two output channels), three values, two weights and two pointers fill the registers that a
 * compiler gives away; what a position needs besides waits in registers of the floating-point unit.
 *
 * A pair of input channels: 5 loads in one run (6), 6 SMLAD = 12 cycles for 12 products of the 27 that it stands for.
 * Four pairs a turn, and two turns in one where sums go on. They begin without zeros: the first pair is multiplied by
 * SMUAD. A position costs about 15 cycles beyond its turns, a turn 5. Sums are stored where the next pair of channels
 * would be: the pointer is there already.
 *
 * The next pair of channels is TDL_PLANE words, 192 bytes, further on. */
#define TDL_WINOGRAD_LOADS       \
  "ldr %[w0], [%[w]], #8\n\t"    \
  "ldr %[w1], [%[w], #-4]\n\t"   \
  "ldr %[x0], [%[x]], #192\n\t"  \
  "ldr %[x1], [%[x], #-188]\n\t" \
  "ldr %[x2], [%[x], #-184]\n\t"
#define TDL_WINOGRAD_FIRST        \
  TDL_WINOGRAD_LOADS              \
  "smuad %[a0], %[w0], %[x0]\n\t" \
  "smuad %[a1], %[w0], %[x1]\n\t" \
  "smuad %[a2], %[w0], %[x2]\n\t" \
  "smuad %[b0], %[w1], %[x0]\n\t" \
  "smuad %[b1], %[w1], %[x1]\n\t" \
  "smuad %[b2], %[w1], %[x2]\n\t"
#define TDL_WINOGRAD_PAIR                \
  TDL_WINOGRAD_LOADS                     \
  "smlad %[a0], %[w0], %[x0], %[a0]\n\t" \
  "smlad %[a1], %[w0], %[x1], %[a1]\n\t" \
  "smlad %[a2], %[w0], %[x2], %[a2]\n\t" \
  "smlad %[b0], %[w1], %[x0], %[b0]\n\t" \
  "smlad %[b1], %[w1], %[x1], %[b1]\n\t" \
  "smlad %[b2], %[w1], %[x2], %[b2]\n\t"

/* Compares with the end of this position's values. */
#define TDL_WINOGRAD_AT_END \
  "vmov %[x0], s0\n\t"      \
  "cmp %[x], %[x0]\n\t"

/* Stores a position's sums and goes to the next position, 12 bytes further on. */
#define TDL_WINOGRAD_NEXT       \
  "str %[a0], [%[x]]\n\t"       \
  "str %[a1], [%[x], #4]\n\t"   \
  "str %[a2], [%[x], #8]\n\t"   \
  "str %[b0], [%[x], #192]\n\t" \
  "str %[b1], [%[x], #196]\n\t" \
  "str %[b2], [%[x], #200]\n\t" \
  "add %[x0], %[x], #12\n\t"    \
  "vmov s0, %[x0]\n\t"          \
  "vmov %[x1], s1\n\t"          \
  "sub %[x], %[x], %[x1]\n\t"

static inline const int32_t *tdl_winograd_multiply(int32_t *values, int32_t pairs, const int32_t *weights) {
  int32_t a0, a1, a2, b0, b1, b2, x0 = 4 * TDL_PLANE * pairs, x1, x2, w0, w1;
  __asm__ volatile(
      "add %[x1], %[x], %[x0]\n\t"
      "vmov s0, %[x1]\n\t" /* the end of this position's values */
      "add %[x1], %[x1], #192\n\t"
      "vmov s2, %[x1]\n\t" /* what that is after all positions */
      "sub %[x1], %[x0], #12\n\t"
      "vmov s1, %[x1]\n" /* from there back to the next position's */
      "4:\n\t" TDL_WINOGRAD_FIRST TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_AT_END
      "beq 2f\n"
      "1:\n\t" TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_AT_END
      "bne 1b\n"
      "2:\n\t" TDL_WINOGRAD_NEXT
      "lsls %[x1], %[x1], #23\n\t" /* bit 8 of 768 * turns - 12: their number is even */
      "bpl 5f\n"
      "3:\n\t" TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR
      "5:\n\t" TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_AT_END
      "bne 3b\n\t" TDL_WINOGRAD_NEXT
      "vmov %[x1], s2\n\t"
      "cmp %[x0], %[x1]\n\t"
      "bne 4b\n\t"
      : [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [b0] "=&r"(b0), [b1] "=&r"(b1), [b2] "=&r"(b2), [x0] "+&r"(x0),
        [x1] "=&r"(x1), [x2] "=&r"(x2), [w0] "=&r"(w0), [w1] "=&r"(w1), [x] "+&r"(values), [w] "+&r"(weights)
      :
      : "s0", "s1", "s2", "cc", "memory");
  return weights;
}

/* Tiles in one output channel. With upper = R1 + R2 and lower = R3 - R0 of each column, the outputs are
 *
 *   a = upper2 + upper0 + upper1    b = upper2 - upper0 + upper3        c, d: the same of lower
 *
 * Columns 0 and 2 come first. Four outputs: loads 18, additions 18, constants 4, scaling 20, stores 6, the tile's place
 * 7, loop 6 = 79 cycles. */
#define TDL_WINOGRAD_SCALE(sum) "asr " sum ", " sum ", #1\n\t" TDL_SCALE(sum, "%[p0]", "%[p1]", "%[p2]", "%[p3]")

static inline void tdl_winograd_outputs(const int32_t *sums, const int32_t *channel, tdl_tile *tile,
                                        const tdl_tile *end) {
  int32_t a, b, c, d, p0 = (int32_t)channel, p1 = (int32_t)tile, p2 = (int32_t)end, p3, p4, p5, p6, p7;
  __asm__ volatile(
      "vldmia %[p0], {s0-s3}\n\t" /* start, multiplier, offset, shift */
      "vmov s4, %[p1]\n\t"
      "vmov s5, %[p2]\n"
      "1:\n\t"
      "ldr %[p0], [%[r]]\n\t" /* R0 ... R3 of column 0 */
      "ldr %[p1], [%[r], #12]\n\t"
      "ldr %[p2], [%[r], #24]\n\t"
      "ldr %[p3], [%[r], #36]\n\t"
      "ldr %[p4], [%[r], #96]\n\t" /* and of column 2 */
      "ldr %[p5], [%[r], #108]\n\t"
      "ldr %[p6], [%[r], #120]\n\t"
      "ldr %[p7], [%[r], #132]\n\t"
      "vmov %[a], s0\n\t"
      "add %[p1], %[p1], %[p2]\n\t" /* upper0 */
      "sub %[p3], %[p3], %[p0]\n\t" /* lower0 */
      "add %[p5], %[p5], %[p6]\n\t"
      "sub %[p7], %[p7], %[p4]\n\t"
      "add %[p5], %[p5], %[a]\n\t" /* upper2 */
      "add %[p7], %[p7], %[a]\n\t" /* lower2 */
      "add %[a], %[p5], %[p1]\n\t"
      "sub %[b], %[p5], %[p1]\n\t"
      "add %[c], %[p7], %[p3]\n\t"
      "sub %[d], %[p7], %[p3]\n\t"
      "ldr %[p0], [%[r], #48]\n\t" /* columns 1 and 3 */
      "ldr %[p1], [%[r], #60]\n\t"
      "ldr %[p2], [%[r], #72]\n\t"
      "ldr %[p3], [%[r], #84]\n\t"
      "ldr %[p4], [%[r], #144]\n\t"
      "ldr %[p5], [%[r], #156]\n\t"
      "ldr %[p6], [%[r], #168]\n\t"
      "ldr %[p7], [%[r], #180]\n\t"
      "add %[r], %[r], #4\n\t"
      "add %[a], %[a], %[p1]\n\t"
      "add %[a], %[a], %[p2]\n\t"
      "add %[b], %[b], %[p5]\n\t"
      "add %[b], %[b], %[p6]\n\t"
      "add %[c], %[c], %[p3]\n\t"
      "sub %[c], %[c], %[p0]\n\t"
      "add %[d], %[d], %[p7]\n\t"
      "sub %[d], %[d], %[p4]\n\t"
      "vmov %[p0], s1\n\t"
      "vmov %[p1], s2\n\t"
      "vmov %[p2], s3\n\t"
      TDL_WINOGRAD_SCALE("%[a]")
      TDL_WINOGRAD_SCALE("%[b]")
      TDL_WINOGRAD_SCALE("%[c]")
      TDL_WINOGRAD_SCALE("%[d]")
      "vmov %[p0], s4\n\t"
      "ldr %[p1], [%[p0]], #12\n\t" /* y, down, right */
      "ldr %[p2], [%[p0], #-8]\n\t"
      "ldr %[p3], [%[p0], #-4]\n\t"
      "vmov s4, %[p0]\n\t"
      "add %[p2], %[p2], %[p1]\n\t"
      "strb %[d], [%[p2], %[p3]]\n\t"
      "strb %[c], [%[p2]]\n\t"
      "strb %[b], [%[p1], %[p3]]\n\t"
      "strb %[a], [%[p1]], #1\n\t"
      "str %[p1], [%[p0], #-12]\n\t"
      "vmov %[p1], s5\n\t"
      "cmp %[p0], %[p1]\n\t"
      "bne 1b\n\t"
      : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [p0] "+&r"(p0), [p1] "+&r"(p1), [p2] "+&r"(p2),
        [p3] "=&r"(p3), [p4] "=&r"(p4), [p5] "=&r"(p5), [p6] "=&r"(p6), [p7] "=&r"(p7), [r] "+&r"(sums)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "cc", "memory");
}

#endif
