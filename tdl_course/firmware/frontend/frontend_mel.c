/* Mel bands, logarithm and quantization.
 *
 *   M[b] = sum over the bins k of segment b of w[k] P[k]  +  sum over those of segment b + 1 of (1 - w[k]) P[k]
 *   q[b] = limit(round((log2(1 + M[b]) - centre) * steps per octave))
 *
 * P: power of a bin, 6 fractional bits; w: Q11; M: 17 fractional bits, below 2^63; log2: Q15.
 * b: band. Segment s lies between edges s and s + 1 of the triangles: the rising side of band s, the falling one of band
 * s - 1, so each bin is multiplied once. */
#include "tdl_frontend_stages.h"
#include "tdl_dsp.h"

enum { MEL_BITS = 11, POWER_BITS = 17, SEGMENT_BITS = 5, LOG2_BITS = 15 };

/* floor(log2(x)); x is not 0. */
static int32_t highest_bit(uint64_t x) {
  const uint32_t upper = (uint32_t)(x >> 32);
  return upper ? 63 - __builtin_clz(upper) : 31 - __builtin_clz((uint32_t)x);
}

/* log2(1 + power), Q15: the table between two of its points, on a straight line. */
static int32_t log2_of_one_more(uint64_t power, const uint16_t *table) {
  const uint64_t value = power + (1u << POWER_BITS);
  const int32_t whole = highest_bit(value);
  const uint32_t mantissa = (uint32_t)((value << (63 - whole)) >> 32); /* 2^31 stands for 1 */
  const uint16_t *const at = table + ((mantissa >> (31 - SEGMENT_BITS)) & ((1u << SEGMENT_BITS) - 1u));
  const uint32_t fraction = (mantissa >> (31 - SEGMENT_BITS - 16)) & 0xFFFFu;
  const uint32_t step = ((uint32_t)(at[1] - at[0]) * fraction + 0x8000u) >> 16;
  return (whole - POWER_BITS) * (1 << LOG2_BITS) + (int32_t)(at[0] + step);
}

void tdl_frontend_mel(const tdl_frontend_info *f, int8_t *features) {
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
    if (s) {
      const int32_t octaves = log2_of_one_more(rising + (total << MEL_BITS) - weighted, f->log2);
      *features++ = (int8_t)tdl_saturate(tdl_smmulr(octaves - f->log2_centre, f->steps_per_octave));
    }
    rising = weighted;
  }
}
