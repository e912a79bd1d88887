/* tdl_block_winograd_cortex_m4.h: tdl_winograd_multiply for the Cortex-M4.
 *
 * Six sums (three tiles by two output channels), three values, two weights and two pointers fill the registers that a
 * compiler gives away; what a position needs besides waits in registers of the floating-point unit.
 *
 * A pair of input channels: 5 loads in one run (6), 6 SMLAD = 12 cycles for 12 products of the 27 that it stands for.
 * Four pairs a turn; a position costs about 12 cycles beyond them, and its sums need no zeros, as the first pair is
 * multiplied by SMUAD. Sums are stored where the next pair of channels would be: the pointer is there already. */
#ifndef TDL_BLOCK_WINOGRAD_CORTEX_M4_H
#define TDL_BLOCK_WINOGRAD_CORTEX_M4_H

/* The next pair of channels is TDL_PLANE words, 192 bytes, further on. */
#define TDL_WINOGRAD_LOADS                  \
  "ldr %[w0], [%[w]], #8\n\t"               \
  "ldr %[w1], [%[w], #-4]\n\t"              \
  "ldr %[x0], [%[x]], #192\n\t"             \
  "ldr %[x1], [%[x], #-188]\n\t"            \
  "ldr %[x2], [%[x], #-184]\n\t"
#define TDL_WINOGRAD_FIRST                  \
  TDL_WINOGRAD_LOADS                        \
  "smuad %[a0], %[w0], %[x0]\n\t"           \
  "smuad %[a1], %[w0], %[x1]\n\t"           \
  "smuad %[a2], %[w0], %[x2]\n\t"           \
  "smuad %[b0], %[w1], %[x0]\n\t"           \
  "smuad %[b1], %[w1], %[x1]\n\t"           \
  "smuad %[b2], %[w1], %[x2]\n\t"
#define TDL_WINOGRAD_PAIR                   \
  TDL_WINOGRAD_LOADS                        \
  "smlad %[a0], %[w0], %[x0], %[a0]\n\t"    \
  "smlad %[a1], %[w0], %[x1], %[a1]\n\t"    \
  "smlad %[a2], %[w0], %[x2], %[a2]\n\t"    \
  "smlad %[b0], %[w1], %[x0], %[b0]\n\t"    \
  "smlad %[b1], %[w1], %[x1], %[b1]\n\t"    \
  "smlad %[b2], %[w1], %[x2], %[b2]\n\t"

/* Compares with the end of this position's values. */
#define TDL_WINOGRAD_AT_END                 \
  "vmov %[x0], s0\n\t"                      \
  "cmp %[x], %[x0]\n\t"

/* Stores a position's sums and goes to the next position, 12 bytes further on. */
#define TDL_WINOGRAD_NEXT                   \
  "str %[a0], [%[x]]\n\t"                   \
  "str %[a1], [%[x], #4]\n\t"               \
  "str %[a2], [%[x], #8]\n\t"               \
  "str %[b0], [%[x], #192]\n\t"             \
  "str %[b1], [%[x], #196]\n\t"             \
  "str %[b2], [%[x], #200]\n\t"             \
  "add %[x0], %[x], #12\n\t"                \
  "vmov s0, %[x0]\n\t"                      \
  "vmov %[x1], s1\n\t"                      \
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
      "4:\n\t" TDL_WINOGRAD_FIRST TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR
      TDL_WINOGRAD_AT_END
      "beq 2f\n"
      "1:\n\t" TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR
      TDL_WINOGRAD_AT_END
      "bne 1b\n"
      "2:\n\t" TDL_WINOGRAD_NEXT
      "3:\n\t" TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR TDL_WINOGRAD_PAIR
      TDL_WINOGRAD_AT_END
      "bne 3b\n\t"
      TDL_WINOGRAD_NEXT
      "vmov %[x1], s2\n\t"
      "cmp %[x0], %[x1]\n\t"
      "bne 4b\n\t"
      : [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [b0] "=&r"(b0), [b1] "=&r"(b1), [b2] "=&r"(b2),
        [x0] "+&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [w0] "=&r"(w0), [w1] "=&r"(w1), [x] "+&r"(values),
        [w] "+&r"(weights)
      :
      : "s0", "s1", "s2", "cc", "memory");
  return weights;
}

#endif
