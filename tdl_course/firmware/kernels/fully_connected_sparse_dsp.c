/* FULLY_CONNECTED, int8, with weights of which few are not zero: the formula is in fully_connected_loops.h.
 *
 * Of each output's weights those that are not zero are entries, a place and a weight; all others are not there: see
 * tdl_block_sparse.h.
 *
 * x [rows][inputs]   y [rows][outputs]   channels [outputs][TDL_CHANNEL], of which TDL_START is the bias */
#include "tdl_block_sparse.h"
#include "tdl_kernels.h"

void tdl_fully_connected_sparse_s8(const tdl_fully_connected_sparse_params *p, const int8_t *x, int8_t *y) {
  const int32_t *const end = p->channels + p->outputs * TDL_CHANNEL;
  for (int32_t r = 0; r < p->rows; r++, x += p->inputs, y += p->outputs) {
    const tdl_sparse_row row = {x, p->entries, p->channels, end, y};
    tdl_multiply_sparse_row(&row);
    tdl_clamp_outputs(y, p->outputs, p->activation_min, p->activation_max);
  }
}
