/* tdl_block_fft_cortex_m4.h: the inner loops of the FFT for the Cortex-M4. What they compute is in frontend_fft_ref.c.
 *
 * Cycles of one turn, branches left out:
 *
 *   butterfly with twiddles       loads 17, products 12, additions 16, stores 8 = 53
 *   butterfly of the first stage  loads 9, products 8, additions 16, shifts 4, stores 8 = 45
 *   two bins of the power         loads 7, products 4, additions 8, squares 4, stores 4 = 27
 *
 * Doubling or shifting a second operand costs nothing. */
#ifndef TDL_BLOCK_FFT_CORTEX_M4_H
#define TDL_BLOCK_FFT_CORTEX_M4_H

#include <stdint.h>

/* (re, im) times (c, -s), half of it, in the place of `t` and c; all others are lost. */
#define TDL_TURN(t, re, im, c, s)   \
  "smmulr " t ", " re ", " c        \
  "\n\t"                            \
  "smmulr " c ", " im ", " c        \
  "\n\t"                            \
  "smmlar " t ", " im ", " s ", " t \
  "\n\t"                            \
  "smmlsr " c ", " re ", " s ", " c "\n\t"

/* One butterfly of values `stride` bytes apart; z goes on by z_step bytes, w by w_step bytes. */
#define TDL_BUTTERFLY(stride, z_step, w_step)                                                     \
  "ldr %[a], [%[z], #" stride                                                                     \
  "]\n\t"                                                                                         \
  "ldr %[b], [%[z], #" stride                                                                     \
  " + 4]\n\t"                                                                                     \
  "ldr %[c], [%[z], #3 * " stride                                                                 \
  "]\n\t"                                                                                         \
  "ldr %[d], [%[z], #3 * " stride                                                                 \
  " + 4]\n\t"                                                                                     \
  "ldr %[e], [%[w]]\n\t"                                                                          \
  "ldr %[f], [%[w], #4]\n\t"                                                                      \
  "ldr %[g], [%[w], #16]\n\t"                                                                     \
  "ldr %[h], [%[w], #20]\n\t" TDL_TURN("%[t]", "%[a]", "%[b]", "%[e]", "%[f]") /* a1: t, e */     \
      TDL_TURN("%[a]", "%[c]", "%[d]", "%[g]", "%[h]")                         /* a3: a, g */     \
      "add %[b], %[t], %[a]\n\t"                                                                  \
      "sub %[a], %[t], %[a]\n\t"                                                                  \
      "add %[c], %[e], %[g]\n\t"                                                                  \
      "sub %[d], %[e], %[g]\n\t" /* sum: b, c; difference: a, d */                                \
      "ldr %[e], [%[z], #2 * " stride                                                             \
      "]\n\t"                                                                                     \
      "ldr %[f], [%[z], #2 * " stride                                                             \
      " + 4]\n\t"                                                                                 \
      "ldr %[g], [%[w], #8]\n\t"                                                                  \
      "ldr %[h], [%[w], #12]\n\t" TDL_TURN("%[t]", "%[e]", "%[f]", "%[g]", "%[h]") /* a2: t, g */ \
      "ldr %[e], [%[z]]\n\t"                                                                      \
      "ldr %[f], [%[z], #4]\n\t"                                                                  \
      "add %[h], %[e], %[t], lsl #1\n\t"                                                          \
      "sub %[e], %[e], %[t], lsl #1\n\t"                                                          \
      "add %[t], %[f], %[g], lsl #1\n\t"                                                          \
      "sub %[f], %[f], %[g], lsl #1\n\t" /* near: h, t; far: e, f */                              \
      "add %[g], %[t], %[c], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #4]\n\t"                                                                  \
      "sub %[g], %[t], %[c], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #2 * " stride                                                             \
      " + 4]\n\t"                                                                                 \
      "sub %[g], %[h], %[b], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #2 * " stride                                                             \
      "]\n\t"                                                                                     \
      "add %[g], %[e], %[d], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #" stride                                                                 \
      "]\n\t"                                                                                     \
      "sub %[g], %[f], %[a], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #" stride                                                                 \
      " + 4]\n\t"                                                                                 \
      "sub %[g], %[e], %[d], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #3 * " stride                                                             \
      "]\n\t"                                                                                     \
      "add %[g], %[f], %[a], lsl #1\n\t"                                                          \
      "str %[g], [%[z], #3 * " stride                                                             \
      " + 4]\n\t"                                                                                 \
      "add %[g], %[h], %[b], lsl #1\n\t"                                                          \
      "str %[g], [%[z]], #" z_step "\n\t" w_step

#define TDL_BUTTERFLIES(name, stride, z_step, w_step)                                                                 \
  /* Butterflies from z up to end, an even number of them. */                                                         \
  static inline void name(int32_t *z, const int32_t *w, const int32_t *end) {                                         \
    int32_t a, b, c, d, e, f, g, h, t;                                                                                \
    __asm__ volatile("1:\n\t" TDL_BUTTERFLY(stride, z_step, w_step) TDL_BUTTERFLY(stride, z_step, w_step)           \
                     "cmp %[z], %[end]\n\t"                                                                         \
                     "bne 1b\n\t"                                                                                   \
                     : [z] "+&r"(z), [w] "+&r"(w), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d),          \
                       [e] "=&r"(e), [f] "=&r"(f), [g] "=&r"(g), [h] "=&r"(h), [t] "=&r"(t)                         \
                     : [end] "r"(end)                                                                               \
                     : "cc", "memory"); \
  }

/* Strides of 4, 16, 64 values: one twiddle for all of a stage's blocks, every fourth twiddle, every one. */
TDL_BUTTERFLIES(tdl_butterflies_4, "32", "128", "")
TDL_BUTTERFLIES(tdl_butterflies_16, "128", "8", "add %[w], %[w], #96\n\t")
TDL_BUTTERFLIES(tdl_butterflies_64, "512", "8", "add %[w], %[w], #24\n\t")

/* A butterfly of the first stage, of samples `at` bytes behind x and the window there, a quarter of the frame apart. */
#define TDL_FIRST_BUTTERFLY(at)             \
  "ldr %[a], [%[x], #" at                   \
  "]\n\t"                                   \
  "ldr %[b], [%[x], #" at                   \
  " + 256]\n\t"                             \
  "ldr %[c], [%[x], #" at                   \
  " + 512]\n\t"                             \
  "ldr %[d], [%[x], #" at                   \
  " + 768]\n\t"                             \
  "ldr %[e], [%[hann], #" at                \
  "]\n\t"                                   \
  "ldr %[f], [%[hann], #" at                \
  " + 256]\n\t"                             \
  "ldr %[g], [%[hann], #" at                \
  " + 512]\n\t"                             \
  "ldr %[h], [%[hann], #" at                \
  " + 768]\n\t"                             \
  "smulbb %[t], %[a], %[e]\n\t"             \
  "smultt %[a], %[a], %[e]\n\t"             \
  "smulbb %[e], %[b], %[f]\n\t"             \
  "smultt %[b], %[b], %[f]\n\t"             \
  "smulbb %[f], %[c], %[g]\n\t"             \
  "smultt %[c], %[c], %[g]\n\t"             \
  "smulbb %[g], %[d], %[h]\n\t"             \
  "smultt %[d], %[d], %[h]\n\t"             \
  "add %[h], %[t], %[f]\n\t"                \
  "sub %[t], %[t], %[f]\n\t"                \
  "add %[f], %[a], %[c]\n\t"                \
  "sub %[a], %[a], %[c]\n\t"                \
  "add %[c], %[e], %[g]\n\t"                \
  "sub %[e], %[e], %[g]\n\t"                \
  "add %[g], %[b], %[d]\n\t"                \
  "sub %[b], %[b], %[d]\n\t"                \
  "asr %[h], %[h], #8\n\t" /* near: h, f */ \
  "asr %[f], %[f], #8\n\t"                  \
  "asr %[t], %[t], #8\n\t" /* far: t, a */  \
  "asr %[a], %[a], #8\n\t"                  \
  "add %[d], %[h], %[c], asr #8\n\t"        \
  "str %[d], [%[z]], #32\n\t"               \
  "add %[d], %[f], %[g], asr #8\n\t"        \
  "str %[d], [%[z], #-28]\n\t"              \
  "add %[d], %[t], %[b], asr #8\n\t"        \
  "str %[d], [%[z], #-24]\n\t"              \
  "sub %[d], %[a], %[e], asr #8\n\t"        \
  "str %[d], [%[z], #-20]\n\t"              \
  "sub %[d], %[h], %[c], asr #8\n\t"        \
  "str %[d], [%[z], #-16]\n\t"              \
  "sub %[d], %[f], %[g], asr #8\n\t"        \
  "str %[d], [%[z], #-12]\n\t"              \
  "sub %[d], %[t], %[b], asr #8\n\t"        \
  "str %[d], [%[z], #-8]\n\t"               \
  "add %[d], %[a], %[e], asr #8\n\t"        \
  "str %[d], [%[z], #-4]\n\t"

/* Four butterflies of the first stage, 16 complex samples apart. Returns where the next ones go. */
static inline int32_t *tdl_first_butterflies(const int16_t *x, const int16_t *hann, int32_t *z) {
  int32_t a, b, c, d, e, f, g, h, t;
  __asm__ volatile(TDL_FIRST_BUTTERFLY("0") TDL_FIRST_BUTTERFLY("64") TDL_FIRST_BUTTERFLY("128")
                       TDL_FIRST_BUTTERFLY("192")
                   : [z] "+&r"(z), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f),
                     [g] "=&r"(g), [h] "=&r"(h), [t] "=&r"(t)
                   : [x] "r"(x), [hann] "r"(hann)
                   : "memory");
  return z;
}

#define TDL_TWO_BINS                                                                                              \
  "ldr %[a], [%[up]]\n\t"                                                                                         \
  "ldr %[b], [%[up], #4]\n\t"                                                                                     \
  "ldr %[c], [%[down]]\n\t"                                                                                       \
  "ldr %[d], [%[down], #4]\n\t"                                                                                   \
  "ldr %[g], [%[w]], #8\n\t"                                                                                      \
  "ldr %[h], [%[w], #-4]\n\t"                                                                                     \
  "add %[e], %[b], %[d]\n\t"                                                                                      \
  "sub %[f], %[c], %[a]\n\t"                                                                                      \
  "add %[a], %[a], %[c]\n\t"                                                                                      \
  "sub %[b], %[b], %[d]\n\t" TDL_TURN("%[t]", "%[e]", "%[f]", "%[g]", "%[h]") /* even: a, b; odd, turned: t, g */ \
      "add %[c], %[t], %[a], asr #5\n\t"                                                                          \
      "add %[d], %[g], %[b], asr #5\n\t"                                                                          \
      "rsb %[a], %[t], %[a], asr #5\n\t"                                                                          \
      "rsb %[b], %[g], %[b], asr #5\n\t"                                                                          \
      "smull %[e], %[f], %[c], %[c]\n\t"                                                                          \
      "smlal %[e], %[f], %[d], %[d]\n\t"                                                                          \
      "smull %[g], %[h], %[a], %[a]\n\t"                                                                          \
      "smlal %[g], %[h], %[b], %[b]\n\t"                                                                          \
      "str %[e], [%[up]], #8\n\t"                                                                                 \
      "str %[f], [%[up], #-4]\n\t"                                                                                \
      "str %[g], [%[down]], #-8\n\t"                                                                              \
      "str %[h], [%[down], #12]\n\t"

/* The power of an even number of bins from `up` upwards and as many from `down` downwards, until `up` is at `end`. */
static inline void tdl_bins(int32_t *up, int32_t *down, const int32_t *w, const int32_t *end) {
  int32_t a, b, c, d, e, f, g, h, t;
  __asm__ volatile("1:\n\t" TDL_TWO_BINS TDL_TWO_BINS
                   "cmp %[up], %[end]\n\t"
                   "bne 1b\n\t"
                   : [up] "+&r"(up), [down] "+&r"(down), [w] "+&r"(w), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c),
                     [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f), [g] "=&r"(g), [h] "=&r"(h), [t] "=&r"(t)
                   : [end] "r"(end)
                   : "cc", "memory");
}

#endif
