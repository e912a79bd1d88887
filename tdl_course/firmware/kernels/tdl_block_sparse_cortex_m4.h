/* tdl_block_sparse_cortex_m4.h: what tdl_block_sparse.h has in C, for the Cortex-M4.
 *
 * CONV_2D: three sums of 64 bits take six registers. An entry: the step 1, loads 5 (6), of which the last one is the next
 * entry's step, 3 SMLAL = 10 cycles for six products. Eight entries a turn, whose end is another 5.
 *
 * FULLY_CONNECTED: a group: loads 12 (13), 4 MLA, the step 1 = 18 cycles for four products. Four groups a turn.
 *
 * A count that is no multiple of a turn's enters in the middle: a step has a fixed number of bytes of code, so all its
 * instructions are wide. */
#ifndef TDL_BLOCK_SPARSE_CORTEX_M4_H
#define TDL_BLOCK_SPARSE_CORTEX_M4_H

#include "tdl_asm_cortex_m4.h"

#define TDL_JOIN_FOUR                        \
  "ldr %[l], [%[lower]], #4\n\t"             \
  "ldr %[u], [%[upper]], #4\n\t"             \
  "eor %[l], %[l], #0x80808080\n\t"          \
  "uxtb16 %[even], %[l]\n\t"                 \
  "uxtb16 %[odd], %[l], ror #8\n\t"          \
  "pkhbt %[l], %[even], %[u], lsl #24\n\t"   \
  "str %[l], [%[words]], #48\n\t"            \
  "lsl %[l], %[u], #8\n\t"                   \
  "bic %[l], %[l], #0x00FF00FF\n\t"          \
  "pkhtb %[l], %[l], %[even], asr #16\n\t"   \
  "bic %[u], %[u], #0x00FF00FF\n\t"          \
  "pkhbt %[even], %[odd], %[u], lsl #16\n\t" \
  "pkhtb %[odd], %[u], %[odd], asr #16\n\t"  \
  "str %[even], [%[words], #-36]\n\t"        \
  "str %[l], [%[words], #-24]\n\t"           \
  "str %[odd], [%[words], #-12]\n\t"

/* Four values of two pixels: loads 2 (3), joining 10, stores 4, half of the loop 2 = 19 cycles. */
static inline int32_t *tdl_join_fours(const int8_t *lower, const int8_t *upper, int32_t fours, int32_t *words) {
  int32_t l, u, even, odd;
  __asm__ volatile(
      "adds %[fours], %[fours], #1\n\t"
      "lsrs %[fours], %[fours], #1\n\t" /* carry: their number is even */
      "bcc 2f\n"
      "1:\n\t" TDL_JOIN_FOUR "2:\n\t" TDL_JOIN_FOUR
      "subs %[fours], %[fours], #1\n\t"
      "bne 1b\n\t"
      : [l] "=&r"(l), [u] "=&r"(u), [even] "=&r"(even), [odd] "=&r"(odd), [lower] "+&r"(lower), [upper] "+&r"(upper),
        [words] "+&r"(words), [fours] "+&r"(fours)
      :
      : "cc", "memory");
  return words;
}

/* 36 bytes */
#define TDL_SPARSE_STEP                           \
  "add.w %[words], %[words], %[step], lsl #2\n\t" \
  "ldr.w %[x0], [%[words]]\n\t"                   \
  "ldr.w %[x1], [%[words], #4]\n\t"               \
  "ldr.w %[x2], [%[words], #8]\n\t"               \
  "ldrsb.w %[w], [%[entry], #1]\n\t"              \
  "ldrb.w %[step], [%[entry], #2]!\n\t"           \
  "smlal %[a0], %[a1], %[x0], %[w]\n\t"           \
  "smlal %[b0], %[b1], %[x1], %[w]\n\t"           \
  "smlal %[c0], %[c1], %[x2], %[w]\n\t"

/* 68 bytes */
#define TDL_SPARSE_FOUR                  \
  "ldrb.w %[p0], [%[entry]], #8\n\t"     \
  "ldrb.w %[p1], [%[entry], #-7]\n\t"    \
  "ldrb.w %[p2], [%[entry], #-6]\n\t"    \
  "ldrb.w %[p3], [%[entry], #-5]\n\t"    \
  "ldrsb.w %[w0], [%[entry], #-4]\n\t"   \
  "ldrsb.w %[w1], [%[entry], #-3]\n\t"   \
  "ldrsb.w %[w2], [%[entry], #-2]\n\t"   \
  "ldrsb.w %[w3], [%[entry], #-1]\n\t"   \
  "ldrsb.w %[p0], [%[x], %[p0]]\n\t"     \
  "ldrsb.w %[p1], [%[x], %[p1]]\n\t"     \
  "ldrsb.w %[p2], [%[x], %[p2]]\n\t"     \
  "ldrsb.w %[t], [%[x], %[p3]]\n\t"      \
  "mla %[sum], %[p0], %[w0], %[sum]\n\t" \
  "mla %[sum], %[p1], %[w1], %[sum]\n\t" \
  "mla %[sum], %[p2], %[w2], %[sum]\n\t" \
  "mla %[sum], %[t], %[w3], %[sum]\n\t"  \
  "add.w %[x], %[x], %[p3]\n\t"

/* Twice the sums of both pixels, from 64 bits. */
#define TDL_PART(low, high)                                                                          \
  "lsr %[words], " low                                                                               \
  ", #24\n\t"                                                                                        \
  "orr " high ", %[words], " high                                                                    \
  ", lsl #8\n\t"                                                                                     \
  "lsl " low ", " low                                                                                \
  ", #8\n\t"                                                                                         \
  "add " low ", %[x0], " low                                                                         \
  ", lsr #7\n\t"                                                                                     \
  "add " high ", %[x1], " high ", lsl #1\n\t" TDL_SCALE(low, "%[x2]", "%[w]", "%[step]", "%[words]") \
      TDL_SCALE(high, "%[x2]", "%[w]", "%[step]", "%[words]")

static inline void tdl_multiply_sparse(const tdl_sparse_block *b) {
  int32_t a0, a1, b0, b1, c0, c1, x0 = (int32_t)b, x1, x2, w, step, words, entry;
  __asm__ volatile(
      "vldmia %[x0], {s0-s5}\n\t" /* columns, entries, channel, channel_end, y, step */
      "vmov %[entry], s1\n\t"
      "adr %[x1], 1f\n\t"
      "orr %[x1], %[x1], #1\n\t"
      "vmov s1, %[x1]\n\t" /* where a turn begins */
      "vmov %[x0], s2\n"
      "2:\n\t" /* a channel */
      "ldr %[a0], [%[x0]]\n\t"
      "ldrh %[step], [%[entry]], #2\n\t"
      "vmov %[x1], s1\n\t"
      "vmov %[words], s0\n\t"
      "mov %[b0], %[a0]\n\t"
      "mov %[c0], %[a0]\n\t"
      "mov %[a1], #0\n\t"
      "mov %[b1], #0\n\t"
      "mov %[c1], #0\n\t"
      "add %[w], %[entry], %[step], lsl #1\n\t"
      "vmov s6, %[w]\n\t" /* the channel's end */
      "rsb %[step], %[step], #0\n\t"
      "and %[step], %[step], #7\n\t"
      "add %[step], %[step], %[step], lsl #3\n\t"
      "add %[x1], %[x1], %[step], lsl #2\n\t" /* 36 bytes for each entry that is not there */
      "ldrb %[step], [%[entry]]\n\t"
      "bx %[x1]\n\t"
      ".balign 4\n"
      "1:\n\t" TDL_SPARSE_STEP TDL_SPARSE_STEP TDL_SPARSE_STEP TDL_SPARSE_STEP TDL_SPARSE_STEP TDL_SPARSE_STEP
          TDL_SPARSE_STEP TDL_SPARSE_STEP
      "vmov %[x0], s6\n\t"
      "cmp %[entry], %[x0]\n\t"
      "bne 1b\n\t"
      "vmov %[words], s2\n\t"
      "ldr %[x0], [%[words], #4]\n\t"
      "ldr %[x1], [%[words], #8]\n\t"
      "ldr %[x2], [%[words], #12]\n\t"
      "ldr %[w], [%[words], #16]\n\t"
      "ldr %[step], [%[words], #20]\n\t"
      "add %[words], %[words], #24\n\t"
      "vmov s2, %[words]\n\t"
      TDL_PART("%[a0]", "%[a1]") TDL_PART("%[b0]", "%[b1]") TDL_PART("%[c0]", "%[c1]")
      "vmov %[x0], s4\n\t"
      "vmov %[x1], s5\n\t"
      "add %[x2], %[x0], #1\n\t"
      "vmov s4, %[x2]\n\t"
      "strb %[a0], [%[x0]]\n\t"
      "add %[x0], %[x0], %[x1]\n\t"
      "strb %[a1], [%[x0]]\n\t"
      "add %[x0], %[x0], %[x1]\n\t"
      "strb %[b0], [%[x0]]\n\t"
      "add %[x0], %[x0], %[x1]\n\t"
      "strb %[b1], [%[x0]]\n\t"
      "add %[x0], %[x0], %[x1]\n\t"
      "strb %[c0], [%[x0]]\n\t"
      "add %[x0], %[x0], %[x1]\n\t"
      "strb %[c1], [%[x0]]\n\t"
      "vmov %[x0], s2\n\t"
      "vmov %[x1], s3\n\t"
      "cmp %[x0], %[x1]\n\t"
      "bne 2b\n\t"
      : [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "=&r"(b1), [c0] "=&r"(c0), [c1] "=&r"(c1),
        [x0] "+&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [w] "=&r"(w), [step] "=&r"(step), [words] "=&r"(words),
        [entry] "=&r"(entry)
      :
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "cc", "memory");
}

static inline void tdl_multiply_sparse_row(const tdl_sparse_row *b) {
  int32_t p0, p1, p2, p3, w0, w1, w2, w3, sum, x, entry, end, t = (int32_t)b;
  __asm__ volatile(
      "vldmia %[t], {s0-s4}\n\t" /* x, entries, channel, channel_end, y */
      "vmov %[entry], s1\n\t"
      "adr %[w0], 1f\n\t"
      "orr %[w0], %[w0], #1\n\t"
      "vmov s1, %[w0]\n\t" /* where a turn begins */
      "vmov %[t], s2\n"
      "2:\n\t" /* an output */
      "ldr %[sum], [%[t]]\n\t"
      "ldrh %[p0], [%[entry]], #2\n\t"
      "vmov %[x], s0\n\t"
      "vmov %[w0], s1\n\t"
      "add %[end], %[entry], %[p0], lsl #3\n\t"
      "rsb %[p0], %[p0], #0\n\t"
      "and %[p0], %[p0], #3\n\t"
      "add %[p0], %[p0], %[p0], lsl #4\n\t"
      "add %[w0], %[w0], %[p0], lsl #2\n\t" /* 68 bytes for each group that is not there */
      "bx %[w0]\n\t"
      ".balign 4\n"
      "1:\n\t" TDL_SPARSE_FOUR TDL_SPARSE_FOUR TDL_SPARSE_FOUR TDL_SPARSE_FOUR
      "cmp %[entry], %[end]\n\t"
      "bne 1b\n\t"
      "vmov %[t], s2\n\t"
      "ldr %[w0], [%[t], #4]\n\t"
      "ldr %[w1], [%[t], #8]\n\t"
      "ldr %[w2], [%[t], #12]\n\t"
      "add %[t], %[t], #16\n\t"
      "vmov s2, %[t]\n\t"
      "vmov %[p0], s4\n\t"
      "vmov %[p1], s3\n\t"
      "lsl %[sum], %[sum], #1\n\t"
      TDL_SCALE("%[sum]", "%[w0]", "%[w1]", "%[w2]", "%[w3]")
      "strb %[sum], [%[p0]], #1\n\t"
      "vmov s4, %[p0]\n\t"
      "cmp %[t], %[p1]\n\t"
      "bne 2b\n\t"
      : [p0] "=&r"(p0), [p1] "=&r"(p1), [p2] "=&r"(p2), [p3] "=&r"(p3), [w0] "=&r"(w0), [w1] "=&r"(w1), [w2] "=&r"(w2),
        [w3] "=&r"(w3), [sum] "=&r"(sum), [x] "=&r"(x), [entry] "=&r"(entry), [end] "=&r"(end), [t] "+&r"(t)
      :
      : "s0", "s1", "s2", "s3", "s4", "cc", "memory");
}

#endif
