/* tdl_block_codebook.h: sums of four rows of weights over one row of values, weights looked up two at a time.
 *
 * A byte of `packed` is a row's indices of two weights; `pairs` gives these as halfwords. A word has a byte for each of
 * the four rows, and meets a word of two values. */
#ifndef TDL_BLOCK_CODEBOOK_H
#define TDL_BLOCK_CODEBOOK_H

#include <stdint.h>
#include "tdl_dsp.h"

enum { TDL_BOOK = 16, TDL_BOOK_PAIRS = TDL_BOOK * TDL_BOOK, TDL_BOOK_ROWS = 4 };

/* tdl_add_looked_up: adds the products of the words from x to x_end, four or a multiple of it, to the rows' sums; returns
 * where `packed` goes on. */
#if defined(__ARM_FEATURE_DSP)
#include "tdl_block_codebook_cortex_m4.h"
#else
static inline const uint32_t *tdl_add_looked_up(const int32_t *pairs, const uint32_t *packed, const int32_t *x,
                                                const int32_t *x_end, int32_t *sums) {
  for (; x < x_end; x++, packed++) {
    for (int32_t i = 0; i < TDL_BOOK_ROWS; i++) sums[i] = tdl_smlad(pairs[*packed >> (8 * i) & 255], *x, sums[i]);
  }
  return packed;
}
#endif

#endif
