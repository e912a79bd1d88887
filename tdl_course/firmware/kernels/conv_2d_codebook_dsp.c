/* CONV_2D, int8, with weights as indices of four bits into a codebook of 16 numbers: half the flash.
 *
 * The formula is in conv_2d_loops.h. Some output channels after the other are decoded into scratch memory as
 * conv_2d_columns.h reads its weights, then take their way over the whole image: what decoding costs is shared by all
 * pixels, what unpacking the windows costs is paid once for each turn. int4 weights are indices into -8 ... 7.
 *
 *   scratch: pairs [256] of a byte's two weights, 256 * w1 + w0; decoded weights; what conv_2d_columns.h needs
 *   packed [output_channels / 2][groups]: the weights w0 ... w3 of a channel, then those of the next, the first lowest
 *
 * Shared weights: S. Han, H. Mao, W. J. Dally, Deep Compression, ICLR 2016. */
#include <stddef.h>
#include "conv_2d_columns.h"

enum { BOOK = 16, PAIRS = BOOK * BOOK };

_Static_assert(offsetof(tdl_conv_2d_codebook_params, packed) == offsetof(tdl_conv_2d_columns_params, weights) &&
                   offsetof(tdl_conv_2d_codebook_params, decoded) == sizeof(tdl_conv_2d_columns_params),
               "one struct begins as the other does");

static void write_pairs(const int8_t *book, uint16_t *pairs) {
  for (int32_t second = 0; second < BOOK; second++) {
    for (int32_t first = 0; first < BOOK; first++) *pairs++ = (uint16_t)(256 * book[second] + book[first]);
  }
}

/* Groups of two channels from words: returns where these go on. */
static const uint32_t *decode(const uint32_t *packed, int32_t groups, const uint16_t *pairs, int32_t *weights) {
  for (; groups > 0; groups--) {
    const uint32_t word = *packed++;
    const uint32_t a = pairs[word & 255], b = pairs[word >> 8 & 255], c = pairs[word >> 16 & 255],
                   d = pairs[word >> 24];
    *weights++ = (int32_t)(a | b << 16);
    *weights++ = (int32_t)(c | d << 16);
  }
  return packed;
}

void tdl_conv_2d_codebook_s8(const tdl_conv_2d_codebook_params *p, const int8_t *x, int8_t *y, void *scratch) {
  uint16_t *const pairs = scratch;
  int32_t *const weights = (int32_t *)scratch + PAIRS / 2;
  const uint32_t *packed = p->packed;
  const int32_t outputs = p->output_channels;
  const int8_t *end = y;
  tdl_conv_2d_columns_params part;
  __builtin_memcpy(&part, p, sizeof part);
  part.weights = weights;
  write_pairs(p->book, pairs);
  for (int32_t first = 0; first < outputs; first += p->decoded) {
    part.output_channels = outputs - first < p->decoded ? outputs - first : p->decoded;
    packed = decode(packed, (part.output_channels + 1) / 2 * p->groups, pairs, weights);
    end = conv_2d_columns(&part, outputs, x, y + first, weights + p->decoded * p->groups) - first;
    part.channels += p->decoded * TDL_CHANNEL;
  }
  tdl_clamp_outputs(y, (int32_t)(end - y), p->activation_min, p->activation_max);
}
