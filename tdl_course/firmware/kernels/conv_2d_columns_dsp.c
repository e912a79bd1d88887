/* CONV_2D, int8, as a product of matrices, and FULLY_CONNECTED of many rows: see conv_2d_columns.h. */
#include "tdl_kernels.h"

#define CONV_2D_COLUMNS tdl_conv_2d_columns_s8
typedef tdl_conv_2d_columns_params params;
static inline int32_t layer_channels(const params *p) { return p->output_channels; }
static inline int32_t first_channel(const params *p) {
  (void)p;
  return 0;
}

#include "conv_2d_columns.h"
