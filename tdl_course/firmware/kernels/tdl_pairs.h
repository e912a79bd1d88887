/* tdl_pairs.h: products of int8 values by int8 weights, two to a multiplication, with half the unpacking.
 *
 * The compiler writes four weights w0 ... w3 of one channel as a word `pair` of two halfwords 256 * w1 + w0 and
 * 256 * w3 + w2. Four values x0 ... x3 become two words,
 *
 *   odd  = (x1, x3)    mix = (256 * x0 + 127 - x1, 256 * x2 + 127 - x3)
 *
 * and with SMLAD, which adds the products of both halfwords, and SXTB16, which gives even = (w0, w2),
 *
 *   pair * odd + even * mix  =  256 * (w1 * x1 + w3 * x3)  +  w0 * x1 + w2 * x3
 *                             + 256 * (w0 * x0 + w2 * x2)  +  127 * (w0 + w2)  -  (w0 * x1 + w2 * x3)
 *                            =  256 * (w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3) + 127 * (w0 + w2)
 *
 * The last term is a constant of the weights: the channel's sum starts at what cancels it. Every halfword of mix fits:
 * 256 * x0 + (127 - x1) is the byte x0 over the byte 127 - x1 = x1 ^ 0x7F. The compiler takes this way only where it has
 * proved that 256 times the sum fits 32 bits; intermediate sums may wrap. Weights unpacked in the usual way need two
 * SXTB16 for four weights instead of one.
 *
 * A channel's constants lie side by side: where its sum starts, and how it is scaled (tdl_output). */
#ifndef TDL_PAIRS_H
#define TDL_PAIRS_H

#include <stdint.h>
#include "tdl_dsp.h"

enum { TDL_START, TDL_MULTIPLIER, TDL_OFFSET, TDL_SHIFT, TDL_CHANNEL }; /* TDL_CHANNEL: words of a channel */

/* An output from twice its sum: `multiplier` and -shift as in tdl_requantize.h, for a right shift of 1 or more.
 *
 *   high   = round(2 * sum * multiplier / 2^32), halves up                  SMMLAR, which adds `offset` as well
 *   output = (high + (sum < 0 ? -1 : 0) + 2^(shift - 1) >> shift) + zero point     halves away from zero
 *
 * with offset = 2^(shift - 1) + (zero point << shift). SSAT clamps to int8. */
static inline int32_t tdl_output(int32_t twice, const int32_t *channel) {
  const int32_t high = tdl_smmlar(twice, channel[TDL_MULTIPLIER], channel[TDL_OFFSET]);
  return tdl_saturate((high + (twice >> 31)) >> channel[TDL_SHIFT]);
}

/* Narrower bounds than those of int8, afterwards: `count` runs of `length` outputs, `step` apart. */
static inline void tdl_clamp_outputs(int8_t *y, int32_t length, int32_t low, int32_t high) {
  if (low == INT8_MIN && high == INT8_MAX) return;
  for (; length > 0; length--, y++) *y = (int8_t)(*y < low ? low : (*y > high ? high : *y));
}

#endif
