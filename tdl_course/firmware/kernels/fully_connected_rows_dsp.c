/* FULLY_CONNECTED, int8, for one row of inputs or a few: the formula is in fully_connected_loops.h.
 *
 * Six rows of weights share one pass over the inputs, the next ones four, and a last block of four or six has more rows
 * than there are outputs, where these leave a rest: see tdl_block_rows.h. What is too much is not kept.
 *
 * x [rows][inputs]   y [rows][outputs]   channels [rows of weights][TDL_CHANNEL]
 * weights: blocks of 6, blocks of 4, the last block; each [groups][rows of the block] pairs */
#include "tdl_block_rows.h"
#include "tdl_kernels.h"
#include "tdl_move.h"

/* A row of outputs from a row of inputs. */
static void row(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y) {
  const int8_t *const end = x + 4 * p->groups;
  const int32_t sixes = 6 * p->blocks_of_6, done = sixes + 4 * p->blocks_of_4, rest = p->outputs - done;
  int8_t last[6];
  const tdl_rows_block blocks[3] = {
      {x, end, p->groups, p->blocks_of_6, p->channels, y, p->weights},
      {x, end, p->groups, p->blocks_of_4, p->channels + sixes * TDL_CHANNEL, y + sixes, p->weights + sixes * p->groups},
      {x, end, p->groups, rest > 0, p->channels + done * TDL_CHANNEL, last, p->weights + done * p->groups}};
  for (int32_t i = 0; i < 3; i++) {
    if (blocks[i].blocks > 0 && (i == 0 || (i == 2 && rest > 4)))
      tdl_multiply_6_rows(blocks + i);
    else if (blocks[i].blocks > 0)
      tdl_multiply_4_rows(blocks + i);
  }
  tdl_move(y + done, last, rest);
}

void tdl_fully_connected_rows_s8(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y) {
  for (int32_t r = 0; r < p->rows; r++) {
    row(p, x, y);
    tdl_clamp_outputs(y, p->outputs, p->activation_min, p->activation_max);
    x += p->inputs;
    y += p->outputs;
  }
}
