/* The power of mel bands as in frontend_bands_ref.c, for the Cortex-M4, whose long multiplications take one cycle.
 * A bin takes 9.5 cycles: loads 3.5, products 2, additions 2, branch 2. */
#include "tdl_frontend_stages.h"

#if !defined(__ARM_FEATURE_DSP)
#error "this core multiplies in several cycles: link frontend_bands_ref.c"
#endif

enum { MEL_BITS = 11 };

typedef struct {
  uint32_t lower, upper;
} long_sum;

#define LOAD(lower, upper, weight) \
  "ldr " lower                     \
  ", [%[power]], #8\n\t"           \
  "ldr " upper                     \
  ", [%[power], #-4]\n\t"          \
  "ldrh " weight ", [%[weight]], #2\n\t"
#define ADD(lower, upper, weight)          \
  "adds %[t0], %[t0], " lower              \
  "\n\t"                                   \
  "adc %[t1], %[t1], " upper               \
  "\n\t"                                   \
  "umlal %[s0], %[s1], " lower ", " weight \
  "\n\t"                                   \
  "mla %[s1], " upper ", " weight ", %[s1]\n\t"

/* Adds up the bins of the weights up to `end`, one first where they are odd, and returns the next one. */
static inline const int32_t *add_bins(const int32_t *power, const uint16_t *weight, const uint16_t *end,
                                      long_sum *weighted, long_sum *total) {
  uint32_t s0, s1, t0, t1, a, b, c, d, e, f;
  __asm__ volatile(
      "mov %[s0], #0\n\t"
      "mov %[s1], #0\n\t"
      "mov %[t0], #0\n\t"
      "mov %[t1], #0\n\t"
      "sub %[a], %[end], %[weight]\n\t"
      "tst %[a], #2\n\t"
      "beq 2f\n\t"
      LOAD("%[a]", "%[b]", "%[c]")
      ADD("%[a]", "%[b]", "%[c]")
      "2:\n\t"
      "cmp %[weight], %[end]\n\t"
      "beq 3f\n\t"
      "1:\n\t"
      LOAD("%[a]", "%[b]", "%[c]")
      LOAD("%[d]", "%[e]", "%[f]")
      ADD("%[a]", "%[b]", "%[c]")
      ADD("%[d]", "%[e]", "%[f]")
      "cmp %[weight], %[end]\n\t"
      "bne 1b\n\t"
      "3:\n\t"
      : [power] "+&r"(power), [weight] "+&r"(weight), [s0] "=&r"(s0), [s1] "=&r"(s1), [t0] "=&r"(t0), [t1] "=&r"(t1),
        [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f)
      : [end] "r"(end)
      : "cc", "memory");
  *weighted = (long_sum){s0, s1};
  *total = (long_sum){t0, t1};
  return power;
}

static inline uint64_t wide(long_sum sum) { return ((uint64_t)sum.upper << 32) | sum.lower; }

void tdl_frontend_bands(const tdl_frontend_info *f) {
  const int32_t *power = f->spectrum + 2 * f->first_bin;
  const uint16_t *weight = f->mel_weights;
  uint64_t rising = 0;
  for (int32_t s = 0; s <= f->mels; s++) {
    const uint16_t *const next = weight + f->mel_lengths[s];
    long_sum weighted, total;
    power = add_bins(power, weight, next, &weighted, &total);
    weight = next;
    if (s > 0) f->bands[s - 1] = rising + (wide(total) << MEL_BITS) - wide(weighted);
    rising = wide(weighted);
  }
}
