/* CONV_2D, int8, with weights as indices of four bits into a codebook of 16 numbers: half the flash.
 *
 * See conv_2d_decoded.h. int4 weights are indices into -8 ... 7.
 *
 *   packed [output_channels / 2][groups]: the weights w0 ... w3 of a channel, then those of the next, the first lowest
 *   scratch: pairs [256] of a byte's two weights, 256 * w1 + w0; then what conv_2d_decoded.h needs
 *
 * Shared weights: S. Han, H. Mao, W. J. Dally, Deep Compression, ICLR 2016. */
#include "tdl_kernels.h"

enum { BOOK = 16, PAIRS = BOOK * BOOK };

typedef tdl_conv_2d_codebook_params params;
typedef struct {
  const uint16_t *pairs;
  const uint32_t *packed;
} decoder;

static inline void decode(decoder *from, int32_t groups, int32_t *weights) {
  const uint16_t *const pairs = from->pairs;
  for (; groups > 0; groups--) {
    const uint32_t word = *from->packed++;
    const uint32_t a = pairs[word & 255], b = pairs[word >> 8 & 255], c = pairs[word >> 16 & 255],
                   d = pairs[word >> 24];
    *weights++ = (int32_t)(a | b << 16);
    *weights++ = (int32_t)(c | d << 16);
  }
}

#include "conv_2d_decoded.h"

static void write_pairs(const int8_t *book, uint16_t *pairs) {
  for (int32_t second = 0; second < BOOK; second++) {
    for (int32_t first = 0; first < BOOK; first++) *pairs++ = (uint16_t)(256 * book[second] + book[first]);
  }
}

void tdl_conv_2d_codebook_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  uint16_t *const pairs = scratch;
  decoder from = {pairs, p->packed};
  write_pairs(p->book, pairs);
  conv_2d_decoded(p, &from, x, y, (int32_t *)scratch + PAIRS / 2);
}
