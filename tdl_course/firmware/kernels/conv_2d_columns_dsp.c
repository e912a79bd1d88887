/* CONV_2D, int8, as a product of matrices: the formula is in conv_2d_loops.h. FULLY_CONNECTED of many rows too.
 *
 * The windows of three output pixels are written as three columns, unpacked for SMLAD; then every pair of output
 * channels takes one pass over the columns: see tdl_block_columns.h.
 *
 *   columns [groups][6]: of four values of the window, odd of the three pixels, then mix of the three
 *   weights [output_channels / 2][groups][2] pairs   channels [output_channels][TDL_CHANNEL], both filled up to even
 *   scratch: the columns, then one window of int8
 *
 * A window is `parts` runs of part_groups groups: its kernel rows where their lengths are multiples of four, else the
 * whole. All of a block's windows are read before any of its outputs is written. */
#include "tdl_block_columns.h"
#include "tdl_kernels.h"
#include "tdl_move.h"

/* Unpacks groups of four values into the column of one pixel. Returns where it goes on. */
static inline int32_t *unpack(int32_t *column, const int8_t *x, int32_t groups) {
  for (; groups > 0; groups--) {
    const int32_t four = tdl_load(x);
    column[0] = tdl_odd_bytes(four);
    column[TDL_PIXELS] = tdl_swap_bytes(four ^ 0x7F007F00);
    column += TDL_GROUP;
    x += 4;
  }
  return column;
}

/* One kernel row of the window at (iy, ix) as int8, padding filled in. Returns where the next one goes. */
static int8_t *kernel_row(const tdl_conv_2d_columns_params *p, const int8_t *x, int32_t iy, int32_t ix, int8_t *to) {
  const int32_t channels = p->input_channels;
  const int8_t *row = x + iy * p->input_width * channels;
  const int inside = iy >= 0 && iy < p->input_height;
  if (inside && p->dilation_width == 1 && ix >= 0 && ix + p->kernel_width <= p->input_width)
    return tdl_move(to, row + ix * channels, p->kernel_width * channels);
  for (int32_t kx = 0; kx < p->kernel_width; kx++, ix += p->dilation_width) {
    if (inside && ix >= 0 && ix < p->input_width) {
      to = tdl_move(to, row + ix * channels, channels);
    } else {
      for (int32_t c = 0; c < channels; c++) *to++ = (int8_t)p->input_zero_point;
    }
  }
  return to;
}

/* The window at (iy, ix) as a column. Straight from x where a kernel row is inside and the unpacking of whole groups ends
 * before `end`, else by way of `window`. What a last group has beyond the window meets weights of zero. */
static void column_of(const tdl_conv_2d_columns_params *p, const int8_t *x, const int8_t *end, int32_t iy, int32_t ix,
                      int32_t *column, int8_t *window) {
  const int by_rows = p->parts == p->kernel_height;
  const int across = p->dilation_width == 1 && ix >= 0 && ix + p->kernel_width <= p->input_width;
  int8_t *to = window;
  for (int32_t ky = 0; ky < p->kernel_height; ky++, iy += p->dilation_height) {
    const int8_t *const row = x + (iy * p->input_width + ix) * p->input_channels;
    if (by_rows && across && iy >= 0 && iy < p->input_height && end - row >= 4 * p->part_groups) {
      column = unpack(column, row, p->part_groups);
    } else {
      to = kernel_row(p, x, iy, ix, by_rows ? window : to);
      if (by_rows || ky + 1 == p->kernel_height) column = unpack(column, window, p->part_groups);
    }
  }
}

/* All channels of `count` pixels, whose columns are ready; the last one of an odd number by itself. */
static void block(const tdl_conv_2d_columns_params *p, const int32_t *columns, int8_t *y, int32_t count) {
  const int32_t outputs = p->output_channels, even = outputs / 2 * 2;
  tdl_columns_block b = {columns,
                         columns + TDL_GROUP * p->groups,
                         p->groups,
                         y,
                         count > 1 ? outputs : 0,
                         count > 2 ? 2 * outputs : 0,
                         p->channels,
                         outputs / 2,
                         1,
                         p->weights};
  if (even > 0) tdl_multiply_columns(&b);
  if (even < outputs) {
    b.y += even;
    b.channel += even * TDL_CHANNEL;
    b.weights += even * p->groups;
    b.pairs = 1;
    b.other = 0;
    tdl_multiply_columns(&b);
  }
  tdl_clamp_outputs(y, count * outputs, p->activation_min, p->activation_max);
}

void tdl_conv_2d_columns_s8(const tdl_conv_2d_columns_params *p, const int8_t *x, int8_t *y, void *scratch) {
  int32_t *const columns = scratch;
  int8_t *const window = (int8_t *)(columns + TDL_GROUP * p->groups);
  const int32_t image = p->input_height * p->input_width * p->input_channels;
  const int8_t *const end = x + p->batches * image;
  int32_t waiting = 0;

  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        column_of(p, x, end, oy * p->stride_height - p->pad_height, ox * p->stride_width - p->pad_width,
                  columns + waiting, window);
        if (++waiting == TDL_PIXELS) {
          block(p, columns, y, TDL_PIXELS);
          y += TDL_PIXELS * p->output_channels;
          waiting = 0;
        }
      }
    }
    x += image;
  }
  if (waiting > 0) block(p, columns, y, waiting);
}
