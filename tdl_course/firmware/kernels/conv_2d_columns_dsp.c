/* CONV_2D, int8, as a product of matrices: the formula is in conv_2d_loops.h. FULLY_CONNECTED of many rows too.
 *
 * The windows of three output pixels are unpacked for SMLAD as three columns; then every pair of output channels takes
 * one pass over the columns: see tdl_block_columns.h.
 *
 * A kernel row of a window is a run of `run` groups of four values. Where its length is no multiple of four, the last
 * group reads what follows, which meets weights of zero. A window that reaches over the border of the input is first
 * written down with its padding, and so is one whose last group reaches over the end of x.
 *
 *   scratch: columns [groups][TDL_GROUP], then three windows of int8 [kernel_height][4 * run]
 *   weights [output_channels / 2][groups][2] pairs   channels [output_channels][TDL_CHANNEL], both filled up to even
 *
 * All of a block's windows are read before any of its outputs is written. */
#include "tdl_block_columns.h"
#include "tdl_kernels.h"
#include "tdl_move.h"
#include "tdl_window.h"

typedef tdl_conv_2d_columns_params params;

/* A window to be unpacked: its first kernel row, and the step to the next. */
typedef struct {
  const int8_t *row;
  int32_t step;
} window;

static int8_t *fill(int8_t *to, int32_t value, int32_t bytes) {
  for (; bytes > 0; bytes--) *to++ = (int8_t)value;
  return to;
}

/* Writes down the window at (iy, ix), padding filled in. */
static window written_down(const params *p, const int8_t *x, int32_t iy, int32_t ix, int8_t *to) {
  const tdl_taps inside = tdl_taps_inside(ix, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t channels = p->input_channels, zero = p->input_zero_point;
  const int32_t taps = inside.end - inside.begin, side_by_side = p->dilation_width == 1 ? taps : 1;
  const window written = {to, 4 * p->run};
  for (int32_t ky = 0; ky < p->kernel_height; ky++, iy += p->dilation_height, to += 4 * p->run) {
    if (iy < 0 || iy >= p->input_height) {
      fill(to, zero, p->kernel_width * channels);
      continue;
    }
    const int8_t *from = x + (iy * p->input_width + ix + inside.begin * p->dilation_width) * channels;
    int8_t *next = fill(to, zero, inside.begin * channels);
    for (int32_t left = taps; left > 0; left -= side_by_side, from += p->dilation_width * channels)
      next = tdl_move(next, from, side_by_side * channels);
    fill(next, zero, (p->kernel_width - inside.end) * channels);
  }
  return written;
}

/* The window at (iy, ix): where it lies in x, or written down at `to`. */
static window window_at(const params *p, const int8_t *x, const int8_t *end, int32_t iy, int32_t ix, int8_t *to) {
  const int32_t row_step = p->dilation_height * p->input_width * p->input_channels;
  const window in_x = {x + (iy * p->input_width + ix) * p->input_channels, row_step};
  const int32_t bottom = iy + (p->kernel_height - 1) * p->dilation_height;
  if (iy >= 0 && ix >= 0 && bottom < p->input_height && ix + p->kernel_width <= p->input_width &&
      p->dilation_width == 1 && end - in_x.row >= (p->kernel_height - 1) * row_step + 4 * p->run)
    return in_x;
  return written_down(p, x, iy, ix, to);
}

/* Three windows as columns: of each four values odd, then mix (tdl_pairs.h). */
static void unpack(const params *p, const window *windows, int32_t *column) {
  for (int32_t ky = 0; ky < p->kernel_height; ky++) {
    const int8_t *a = windows[0].row + ky * windows[0].step, *b = windows[1].row + ky * windows[1].step;
    const int8_t *c = windows[2].row + ky * windows[2].step;
    for (int32_t left = p->run; left > 0; left--, column += TDL_GROUP, a += 4, b += 4, c += 4) {
      const int32_t x0 = tdl_load(a), x1 = tdl_load(b), x2 = tdl_load(c);
      column[0] = tdl_odd_bytes(x0);
      column[1] = tdl_odd_bytes(x1);
      column[2] = tdl_odd_bytes(x2);
      column[3] = tdl_swap_bytes(x0 ^ 0x7F007F00);
      column[4] = tdl_swap_bytes(x1 ^ 0x7F007F00);
      column[5] = tdl_swap_bytes(x2 ^ 0x7F007F00);
    }
  }
}

/* All channels of `count` pixels, whose columns are ready; the last one of an odd number by itself. */
static void multiply(const params *p, const int32_t *columns, int8_t *y, int32_t count) {
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

void tdl_conv_2d_columns_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t image = p->input_height * p->input_width * p->input_channels;
  int32_t *const columns = scratch;
  int8_t *const room = (int8_t *)(columns + TDL_GROUP * p->groups);
  const int8_t *const end = x + p->batches * image;
  const int32_t in_a_batch = p->output_height * p->output_width;
  int32_t left = p->batches * in_a_batch, left_in_batch = in_a_batch, oy = 0, ox = 0;
  window windows[TDL_PIXELS] = {{0, 0}, {0, 0}, {0, 0}};

  while (left > 0) {
    const int32_t count = left < TDL_PIXELS ? left : TDL_PIXELS;
    for (int32_t i = 0; i < count; i++) {
      windows[i] = window_at(p, x, end, oy * p->stride_height - p->pad_height, ox * p->stride_width - p->pad_width,
                             room + 4 * p->groups * i);
      if (++ox == p->output_width) ox = 0, oy++;
      if (--left_in_batch == 0) left_in_batch = in_a_batch, oy = 0, x += image;
    }
    for (int32_t i = count; i < TDL_PIXELS; i++) windows[i] = windows[0];
    unpack(p, windows, columns);
    multiply(p, columns, y, count);
    y += count * p->output_channels;
    left -= count;
  }
}
