/* FULLY_CONNECTED, int8, for one row of inputs or a few: the formula is in fully_connected_loops.h.
 *
 * Six rows of weights share one pass over the inputs, and the last ones four: see tdl_pairs.h for the arithmetic.
 *
 * x [rows][inputs]   weights: blocks of 6, then of 4 outputs, each [inputs / 4][outputs of the block] pairs
 * channels [outputs][TDL_CHANNEL]   y [rows][outputs]
 * Where the blocks have more outputs than there are, the last ones compute what is not kept. */
#include "tdl_kernels.h"
#include "tdl_pairs.h"

/* The outputs `first`, `first` + 1, ... of a block whose sums are 256 times what they stand for. */
static inline void store(const int32_t *sum, int32_t count, const int32_t *channel, int8_t *y, int32_t first,
                         int32_t outputs) {
  for (int32_t i = 0; i < count && first + i < outputs; i++)
    y[first + i] = (int8_t)tdl_output(sum[i] >> 7, channel + i * TDL_CHANNEL);
}

static void row(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y) {
  const int32_t *weights = p->weights, *channel = p->channels;
  int32_t sum[6], o = 0;

  for (int32_t block = p->blocks_of_6; block > 0; block--) {
    for (int32_t i = 0; i < 6; i++) sum[i] = channel[i * TDL_CHANNEL + TDL_START];
    tdl_multiply_6_rows(x, weights, p->groups, sum);
    store(sum, 6, channel, y, o, p->outputs);
    weights += 6 * p->groups;
    channel += 6 * TDL_CHANNEL;
    o += 6;
  }
  for (; o < p->outputs; o += 4) {
    for (int32_t i = 0; i < 4; i++) sum[i] = channel[i * TDL_CHANNEL + TDL_START];
    tdl_multiply_4_rows(x, weights, p->groups, sum);
    store(sum, 4, channel, y, o, p->outputs);
    weights += 4 * p->groups;
    channel += 4 * TDL_CHANNEL;
  }
}

void tdl_fully_connected_rows_s8(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y) {
  for (int32_t r = 0; r < p->rows; r++) {
    row(p, x + r * p->inputs, y);
    tdl_clamp_outputs(y, p->outputs, p->activation_min, p->activation_max);
    y += p->outputs;
  }
}
