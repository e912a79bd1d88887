/* Gain control, logarithm and quantization.
 *
 *   A[b] += (M[b] - A[b]) / 2^shift
 *   q[b]  = limit(round((log2(1 + M[b]) - gain_control * log2(1 + A[b]) - centre) * steps per octave))
 *
 * b: band; M: its power, A: the average of it, 17 fractional bits, below 2^63; log2: Q15, at most 0.0002 off; q: int8. */
#include "tdl_frontend_stages.h"
#include "tdl_dsp.h"

enum { POWER_BITS = 17, SEGMENT_BITS = 5, LOG2_BITS = 15 };

/* floor(log2(x)); x is not 0. */
static int32_t highest_bit(uint64_t x) {
  const uint32_t upper = (uint32_t)(x >> 32);
  return upper ? 63 - __builtin_clz(upper) : 31 - __builtin_clz((uint32_t)x);
}

/* log2(1 + power), Q15: between two points of the table on a straight line. */
static int32_t log2_of_one_more(uint64_t power, const uint16_t *table) {
  const uint64_t value = power + (1u << POWER_BITS);
  const int32_t whole = highest_bit(value);
  const uint32_t mantissa = (uint32_t)((value << (63 - whole)) >> 32); /* 2^31 stands for 1 */
  const uint16_t *const at = table + ((mantissa >> (31 - SEGMENT_BITS)) & ((1u << SEGMENT_BITS) - 1u));
  const uint32_t fraction = (mantissa >> (31 - SEGMENT_BITS - 16)) & 0xFFFFu;
  const uint32_t step = ((uint32_t)(at[1] - at[0]) * fraction + 0x8000u) >> 16;
  return (whole - POWER_BITS) * (1 << LOG2_BITS) + (int32_t)(at[0] + step);
}

void tdl_frontend_average(const tdl_frontend_info *f, int begin) {
  for (int32_t b = 0; b < f->mels; b++) {
    const uint64_t before = begin ? f->bands[b] : f->averages[b];
    f->averages[b] = before + (uint64_t)((int64_t)(f->bands[b] - before) >> f->average_shift);
  }
}

void tdl_frontend_features(const tdl_frontend_info *f, int8_t *features) {
  for (int32_t b = 0; b < f->mels; b++) {
    int32_t octaves = log2_of_one_more(f->bands[b], f->log2);
    if (f->averages) octaves -= tdl_smmulr(2 * log2_of_one_more(f->averages[b], f->log2), f->gain_control);
    features[b] = (int8_t)tdl_saturate(tdl_smmulr(octaves - f->log2_centre, f->steps_per_octave));
  }
}
