/* CONV_2D, int8, as a product of matrices, and FULLY_CONNECTED of many rows: see conv_2d_columns.h. */
#include "conv_2d_columns.h"

void tdl_conv_2d_columns_s8(const tdl_conv_2d_columns_params *p, const int8_t *x, int8_t *y, void *scratch) {
  const int8_t *const end = conv_2d_columns(p, p->output_channels, x, y, scratch);
  tdl_clamp_outputs(y, (int32_t)(end - y), p->activation_min, p->activation_max);
}
