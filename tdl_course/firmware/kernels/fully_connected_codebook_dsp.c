/* FULLY_CONNECTED, int8, with weights as indices of four bits into a codebook of 16 numbers: half the flash.
 *
 * The formula is in fully_connected_loops.h. A byte holds the indices of two weights; a table gives both as the halfwords
 * that SMLAD multiplies by two inputs: see tdl_block_codebook.h. int4 weights are indices into -8 ... 7.
 *
 * x [rows][inputs]   y [rows][outputs]   channels [outputs filled up to fours][TDL_CHANNEL]
 * packed [outputs / 4][words][4]: of four rows the weights for the two inputs of a word, the first row lowest
 * scratch: pairs [256], then a row of x: [words] of two inputs, x0 and x2, x1 and x3, x4 and x6 ..., zeros behind
 *
 * Shared weights: S. Han, H. Mao, W. J. Dally, Deep Compression, ICLR 2016. */
#include "tdl_block_codebook.h"
#include "tdl_kernels.h"
#include "tdl_move.h"
#include "tdl_pairs.h"

static void write_pairs(const int8_t *book, int32_t *pairs) {
  for (int32_t second = 0; second < TDL_BOOK; second++) {
    for (int32_t first = 0; first < TDL_BOOK; first++) *pairs++ = tdl_pack(book[first], book[second]);
  }
}

/* A row of inputs as halfwords. */
static void unpack(const int8_t *x, int32_t inputs, int32_t *to, const int32_t *end) {
  for (; to < end; x += 4, inputs -= 4) {
    int32_t four = 0;
    if (inputs >= 4)
      four = tdl_load(x);
    else if (inputs > 0)
      tdl_move((int8_t *)&four, x, inputs);
    *to++ = tdl_even_bytes(four);
    *to++ = tdl_odd_bytes(four);
  }
}

void tdl_fully_connected_codebook_s8(const tdl_fully_connected_codebook_params *p, const int8_t *x, int8_t *y,
                                     void *scratch) {
  int32_t *const pairs = scratch, *const row = pairs + TDL_BOOK_PAIRS;
  const int32_t *const end = row + p->words;
  write_pairs(p->book, pairs);
  for (int32_t r = 0; r < p->rows; r++, x += p->inputs, y += p->outputs) {
    const uint32_t *packed = p->packed;
    const int32_t *channel = p->channels;
    unpack(x, p->inputs, row, end);
    for (int32_t o = 0; o < p->outputs; channel += TDL_BOOK_ROWS * TDL_CHANNEL) {
      int32_t sums[TDL_BOOK_ROWS];
      for (int32_t i = 0; i < TDL_BOOK_ROWS; i++) sums[i] = channel[i * TDL_CHANNEL + TDL_START];
      packed = tdl_add_looked_up(pairs, packed, row, end, sums);
      for (int32_t i = 0; i < TDL_BOOK_ROWS && o < p->outputs; i++, o++)
        y[o] = (int8_t)tdl_output((int32_t)((uint32_t)sums[i] << 1), channel + i * TDL_CHANNEL);
    }
    tdl_clamp_outputs(y, p->outputs, p->activation_min, p->activation_max);
  }
}
