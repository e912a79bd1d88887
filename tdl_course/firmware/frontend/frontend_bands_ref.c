/* The power of mel bands, in plain C.
 *
 *   M[b] = sum over the bins k of segment b of w[k] P[k]  +  sum over those of segment b + 1 of (1 - w[k]) P[k]
 *
 * P: power of a bin, 6 fractional bits; w: Q11; M: 17 fractional bits, below 2^63.
 * b: band. Segment s lies between edges s and s + 1 of the triangles: the rising side of band s, the falling one of
 * band s - 1, so each bin is multiplied once. */
#include "tdl_frontend_stages.h"

enum { MEL_BITS = 11 };

void tdl_frontend_bands(const tdl_frontend_info *f) {
  const uint32_t *power = (const uint32_t *)f->spectrum + 2 * f->first_bin;
  const uint16_t *weight = f->mel_weights;
  uint64_t rising = 0;
  for (int32_t s = 0; s <= f->mels; s++) {
    uint64_t weighted = 0, total = 0;
    for (const uint16_t *const end = weight + f->mel_lengths[s]; weight < end; weight++, power += 2) {
      const uint64_t p = ((uint64_t)power[1] << 32) | power[0];
      weighted += p * *weight;
      total += p;
    }
    if (s > 0) f->bands[s - 1] = rising + (total << MEL_BITS) - weighted;
    rising = weighted;
  }
}
