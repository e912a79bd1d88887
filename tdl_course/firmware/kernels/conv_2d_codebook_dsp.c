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
#include "tdl_kernels.h"

/* The parameters of the channels that are decoded: a copy of the layer's, changed for each turn. */
typedef tdl_conv_2d_codebook_params params;
static void multiply_decoded(const params *p, const int8_t *x, int8_t *y, void *scratch);
#define CONV_2D_COLUMNS multiply_decoded
static inline int32_t layer_channels(const params *p) { return p->layer_channels; }
static inline int32_t first_channel(const params *p) { return p->first_channel; }

#include "conv_2d_columns.h"

enum { BOOK = 16, PAIRS = BOOK * BOOK };

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

void tdl_conv_2d_codebook_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  uint16_t *const pairs = scratch;
  int32_t *const weights = (int32_t *)scratch + PAIRS / 2, *const room = weights + p->output_channels * p->groups;
  params part = *p;
  part.weights = weights;
  part.activation_min = INT8_MIN;
  part.activation_max = INT8_MAX;
  write_pairs(p->book, pairs);
  for (int32_t left = p->layer_channels; left > 0; left -= p->output_channels) {
    if (left <= p->output_channels) { /* the last ones: all that is written is clamped behind them */
      part.output_channels = left;
      part.activation_min = p->activation_min;
      part.activation_max = p->activation_max;
    }
    part.packed = decode(part.packed, (part.output_channels + 1) / 2 * p->groups, pairs, weights);
    multiply_decoded(&part, x, y, room);
    part.first_channel += p->output_channels;
    part.channels += p->output_channels * TDL_CHANNEL;
  }
}
