/* tdl_block_sparse.h: sums over the weights that are not zero, the inner loops of the sparse kernels.
 *
 * CONV_2D: six pixels share each weight. Their values at one tap lie in three words, two pixels a word, of which the first
 * is made positive so that both fit:
 *
 *   word = (x0 + 128) + x1 * 2^24
 *
 * One product by w is then a product for both, summed up over 64 bits: sum(w * word) is a sum of w * (x0 + 128) in the
 * lower 24 bits and sum(w * x1) above. The lower one starts at the least that keeps it from being negative; that it
 * stays below 2^24 is proved by the compiler. What each of the two has too much or lacks, the bias, is in the channel's
 * constants, which count twice, as tdl_output takes a sum.
 *
 *   entries: of each channel a halfword, their number (1 or more), then (step, weight) bytes; a step counts words. What
 *   follows the last one's is read as a step, and not used
 *
 * FULLY_CONNECTED: one row of inputs, from which each value is fetched by its place.
 *
 *   entries: of each output a halfword, the number of groups (1 or more); a group is four places and four weights as
 *   bytes; places count from the last place of the group before, or from the start of the row */
#ifndef TDL_BLOCK_SPARSE_H
#define TDL_BLOCK_SPARSE_H

#include <stdint.h>
#include "tdl_pairs.h"

enum { TDL_SIX_PIXELS = 6, TDL_WORDS = TDL_SIX_PIXELS / 2, TDL_LANE = 24, TDL_FOUR = 4 };
/* A channel's constants: where the sum of a lower pixel starts, what it lacks, then as in tdl_pairs.h an upper pixel's. */
enum { TDL_LEAST, TDL_LOWER, TDL_UPPER, TDL_SPARSE_CHANNEL = TDL_UPPER + TDL_CHANNEL };

typedef struct {
  const int32_t *columns; /* [taps][TDL_WORDS] */
  const uint8_t *entries;
  const int32_t *channel, *channel_end; /* [channels][TDL_SPARSE_CHANNEL], 1 or more */
  int8_t *y;                            /* the first pixel's outputs */
  int32_t step;                         /* from pixel to pixel */
} tdl_sparse_block;

typedef struct {
  const int8_t *x;
  const uint8_t *entries;
  const int32_t *channel, *channel_end; /* [outputs][TDL_CHANNEL], 1 or more */
  int8_t *y;
} tdl_sparse_row;

static inline int32_t tdl_join(uint32_t lower, uint32_t upper) {
  return (int32_t)(((lower & 0xFFu) ^ 0x80u) | (upper << TDL_LANE));
}

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
#include "tdl_block_sparse_cortex_m4.h"
#else
static inline int32_t tdl_entry_count(const uint8_t *entries) { return entries[0] | (entries[1] << 8); }

static inline int32_t *tdl_join_fours(const int8_t *lower, const int8_t *upper, int32_t fours, int32_t *words) {
  for (int32_t i = 0; i < 4 * fours; i++, words += TDL_WORDS) *words = tdl_join((uint32_t)lower[i], (uint32_t)upper[i]);
  return words;
}

static inline void tdl_multiply_sparse(const tdl_sparse_block *b) {
  const uint8_t *entry = b->entries;
  int8_t *y = b->y;
  for (const int32_t *channel = b->channel; channel < b->channel_end; channel += TDL_SPARSE_CHANNEL, y++) {
    const int64_t least = channel[TDL_LEAST];
    int64_t sum[TDL_WORDS] = {least, least, least};
    const uint8_t *const end = entry + 2 + 2 * tdl_entry_count(entry);
    const int32_t *words = b->columns;
    for (entry += 2; entry < end; entry += 2) {
      const int32_t w = (int8_t)entry[1];
      words += entry[0];
      sum[0] += (int64_t)words[0] * w;
      sum[1] += (int64_t)words[1] * w;
      sum[2] += (int64_t)words[2] * w;
    }
    for (int32_t i = 0; i < TDL_WORDS; i++) {
      const int32_t lower = (int32_t)(sum[i] & ((1 << TDL_LANE) - 1)), upper = (int32_t)(sum[i] >> TDL_LANE);
      y[2 * i * b->step] = (int8_t)tdl_output(2 * lower + channel[TDL_LOWER], channel + TDL_UPPER);
      y[(2 * i + 1) * b->step] = (int8_t)tdl_output(2 * upper + channel[TDL_UPPER], channel + TDL_UPPER);
    }
  }
}

static inline void tdl_multiply_sparse_row(const tdl_sparse_row *b) {
  const uint8_t *entry = b->entries;
  int8_t *y = b->y;
  for (const int32_t *channel = b->channel; channel < b->channel_end; channel += TDL_CHANNEL) {
    const uint8_t *const end = entry + 2 + 2 * TDL_FOUR * tdl_entry_count(entry);
    const int8_t *x = b->x;
    int32_t sum = channel[TDL_START];
    for (entry += 2; entry < end; entry += 2 * TDL_FOUR) {
      for (int32_t i = 0; i < TDL_FOUR; i++) sum += x[entry[i]] * (int8_t)entry[TDL_FOUR + i];
      x += entry[TDL_FOUR - 1];
    }
    *y++ = (int8_t)tdl_output(2 * sum, channel);
  }
}
#endif

/* `count` values of two pixels as words, TDL_WORDS apart. */
static inline void tdl_join_pixels(const int8_t *lower, const int8_t *upper, int32_t count, int32_t *words) {
  const int32_t fours = count / 4;
  if (fours > 0) words = tdl_join_fours(lower, upper, fours, words);
  for (int32_t i = 4 * fours; i < count; i++, words += TDL_WORDS)
    *words = tdl_join((uint32_t)lower[i], (uint32_t)upper[i]);
}

#endif
