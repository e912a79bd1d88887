/* tdl_block_codebook_cortex_m4.h: tdl_add_looked_up for the Cortex-M4.
 *
 * A word: loads 2 (3), indices 4, looking up 4 (5), 4 SMLAD = 16 cycles for 8 products; four words a turn, which takes 4. */
#ifndef TDL_BLOCK_CODEBOOK_CORTEX_M4_H
#define TDL_BLOCK_CODEBOOK_CORTEX_M4_H

#define TDL_LOOKED_UP_WORD                   \
  "ldr %[w3], [%[w]], #4\n\t"                \
  "ldr %[two], [%[x]], #4\n\t"               \
  "uxtb %[w0], %[w3]\n\t"                    \
  "ubfx %[w1], %[w3], #8, #8\n\t"            \
  "ubfx %[w2], %[w3], #16, #8\n\t"           \
  "lsr %[w3], %[w3], #24\n\t"                \
  "ldr %[w0], [%[pairs], %[w0], lsl #2]\n\t" \
  "ldr %[w1], [%[pairs], %[w1], lsl #2]\n\t" \
  "ldr %[w2], [%[pairs], %[w2], lsl #2]\n\t" \
  "ldr %[w3], [%[pairs], %[w3], lsl #2]\n\t" \
  "smlad %[a], %[w0], %[two], %[a]\n\t"      \
  "smlad %[b], %[w1], %[two], %[b]\n\t"      \
  "smlad %[c], %[w2], %[two], %[c]\n\t"      \
  "smlad %[d], %[w3], %[two], %[d]\n\t"

static inline const uint32_t *tdl_add_looked_up(const int32_t *pairs, const uint32_t *packed, const int32_t *x,
                                                const int32_t *x_end, int32_t *sums) {
  int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3], w0, w1, w2, w3, two;
  __asm__ volatile("1:\n\t" TDL_LOOKED_UP_WORD TDL_LOOKED_UP_WORD TDL_LOOKED_UP_WORD TDL_LOOKED_UP_WORD
                   "cmp %[x], %[end]\n\t"
                   "bne 1b\n\t"
                   : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [w0] "=&r"(w0), [w1] "=&r"(w1),
                     [w2] "=&r"(w2), [w3] "=&r"(w3), [two] "=&r"(two), [x] "+&r"(x), [w] "+&r"(packed)
                   : [pairs] "r"(pairs), [end] "r"(x_end)
                   : "cc", "memory");
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
  return packed;
}

#endif
