/* The power of mel bands as in frontend_bands_ref.c, for the Cortex-M4, whose long multiplications take one cycle. A bin
 * takes 9.5 cycles: loads 3.5, products 2, additions 2, branch 2. */
#include "tdl_frontend_stages.h"

#if !defined(__ARM_FEATURE_DSP)
#error "this core multiplies in several cycles: link frontend_bands_ref.c"
#endif

enum { MEL_BITS = 11 };

typedef struct {
  const int32_t *power;
  const uint16_t *weight;
} place;

typedef struct {
  uint64_t weighted, total;
} sums;

#define LOAD(lower, upper, weight) \
  "ldr " lower                     \
  ", [%[p]], #8\n\t"               \
  "ldr " upper                     \
  ", [%[p], #-4]\n\t"              \
  "ldrh " weight ", [%[w]], #2\n\t"
#define ADD(lower, upper, weight)          \
  "adds %Q[t], %Q[t], " lower              \
  "\n\t"                                   \
  "adc %R[t], %R[t], " upper               \
  "\n\t"                                   \
  "umlal %Q[s], %R[s], " lower ", " weight \
  "\n\t"                                   \
  "mla %R[s], " upper ", " weight ", %R[s]\n\t"

/* Adds `count` bins from `at` on, and takes it behind them. */
static inline sums segment(place *at, int32_t count) {
  uint64_t s = 0, t = 0;
  uint32_t a, b, c, d, e, g;
  if (count & 1) {
    __asm__ volatile(LOAD("%[a]", "%[b]", "%[c]") ADD("%[a]", "%[b]", "%[c]")
                     : [s] "+&r"(s), [t] "+&r"(t), [p] "+&r"(at->power), [w] "+&r"(at->weight), [a] "=&r"(a),
                       [b] "=&r"(b), [c] "=&r"(c)
                     :
                     : "cc", "memory");
  }
  const uint16_t *const end = at->weight + (count & ~1);
  if (at->weight < end) {
    __asm__ volatile("1:\n\t" LOAD("%[a]", "%[b]", "%[c]") LOAD("%[d]", "%[e]", "%[g]") ADD("%[a]", "%[b]", "%[c]")
                     ADD("%[d]", "%[e]", "%[g]")
                     "cmp %[w], %[end]\n\t"
                     "bne 1b\n\t"
                     : [s] "+&r"(s), [t] "+&r"(t), [p] "+&r"(at->power), [w] "+&r"(at->weight), [a] "=&r"(a),
                       [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [g] "=&r"(g)
                     : [end] "r"(end)
                     : "cc", "memory");
  }
  return (sums){s, t};
}

void tdl_frontend_bands(const tdl_frontend_info *f) {
  place at = {f->spectrum + 2 * f->first_bin, f->mel_weights};
  uint64_t rising = 0;
  for (int32_t s = 0; s <= f->mels; s++) {
    const sums found = segment(&at, f->mel_lengths[s]);
    if (s > 0) f->bands[s - 1] = rising + (found.total << MEL_BITS) - found.weighted;
    rising = found.weighted;
  }
}
