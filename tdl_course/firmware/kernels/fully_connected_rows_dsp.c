/* FULLY_CONNECTED, int8, for one row of inputs or a few: the formula is in fully_connected_loops.h.
 *
 * Six rows of weights share one pass over the inputs, the last ones four: see tdl_block_rows.h. Where the last four have
 * more rows than there are outputs, what is too much is not kept.
 *
 * x [rows][inputs]   y [rows][outputs]   channels [rows of weights][TDL_CHANNEL]
 * weights: blocks of 6, then of 4 rows, each [groups][rows of the block] pairs */
#include "tdl_block_rows.h"
#include "tdl_kernels.h"
#include "tdl_move.h"

/* A row of outputs from a row of inputs. */
static void row(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y) {
  const int8_t *const end = x + 4 * p->groups;
  const int32_t sixes = 6 * p->blocks_of_6, fours = (p->outputs - sixes) & ~3, done = sixes + fours;
  const tdl_rows_block six = {x, end, p->groups, p->blocks_of_6, p->channels, y, p->weights};
  int8_t last[4];
  const tdl_rows_block four[2] = {
      {x, end, p->groups, fours / 4, p->channels + sixes * TDL_CHANNEL, y + sixes, p->weights + sixes * p->groups},
      {x, end, p->groups, 1, p->channels + done * TDL_CHANNEL, last, p->weights + done * p->groups}};
  if (sixes > 0) tdl_multiply_6_rows(&six);
  for (int32_t i = fours == 0; i <= (done < p->outputs); i++) tdl_multiply_4_rows(four + i);
  tdl_move(y + done, last, p->outputs - done);
}

void tdl_fully_connected_rows_s8(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y) {
  for (int32_t r = 0; r < p->rows; r++) {
    row(p, x, y);
    tdl_clamp_outputs(y, p->outputs, p->activation_min, p->activation_max);
    x += p->inputs;
    y += p->outputs;
  }
}
