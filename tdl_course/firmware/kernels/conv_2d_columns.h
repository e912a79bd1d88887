/* conv_2d_columns.h: CONV_2D, int8, as a product of matrices; the formula is in conv_2d_loops.h.
 *
 * The windows of three output pixels are unpacked for SMLAD as three columns; then every pair of output channels takes
 * one pass over the columns: see tdl_block_columns.h.
 *
 * Of each kernel row of a window, `run` groups of four values are unpacked where they lie; the `rest` of 1 to 3 values
 * of all rows are gathered, and fill the last groups. A window that reaches over the border of the input is first written
 * down with its padding.
 *
 *   scratch: columns [groups][TDL_GROUP], then of three pixels the rests, a word more, and their windows as int8
 *   weights [output_channels / 2][groups][2] pairs   channels [output_channels][TDL_CHANNEL], both filled up to even
 *
 * All of a block's windows are read before any of its outputs is written.
 *
 * The file that includes this one defines `params`, a struct with the fields of tdl_conv_2d_columns_params, and says
 * which part of a layer its output_channels are: those from `first_channel(p)` on of `layer_channels(p)`. An odd number is
 * possible at the end of these only. CONV_2D_COLUMNS is the name of the kernel: as a function of its own, which nothing
 * wraps, it compiles to the same code wherever it is included. */
#ifndef CONV_2D_COLUMNS_H
#define CONV_2D_COLUMNS_H

#include "tdl_block_columns.h"
#include "tdl_kernels.h"
#include "tdl_move.h"
#include "tdl_window.h"

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
  const window written = {to, p->kernel_width * channels};
  for (int32_t ky = 0; ky < p->kernel_height; ky++, iy += p->dilation_height) {
    if (iy < 0 || iy >= p->input_height) {
      to = fill(to, zero, p->kernel_width * channels);
      continue;
    }
    const int8_t *from = x + (iy * p->input_width + ix + inside.begin * p->dilation_width) * channels;
    to = fill(to, zero, inside.begin * channels);
    for (int32_t left = taps; left > 0; left -= side_by_side, from += p->dilation_width * channels)
      to = tdl_move(to, from, side_by_side * channels);
    to = fill(to, zero, (p->kernel_width - inside.end) * channels);
  }
  return written;
}

/* What the groups of a window's kernel rows leave, row after row. A word ends where the row does; what it has too much
 * is written over by the next one. */
static inline void gather_rest(const params *p, const window *from, int8_t *to) {
  const int8_t *end = from->row + 4 * p->run + p->rest;
  const int32_t shift = 8 * (4 - p->rest);
  for (int32_t ky = p->kernel_height; ky > 0; ky--, end += from->step, to += p->rest) {
    if (p->run > 0) {
      const uint32_t word = (uint32_t)tdl_load(end - 4) >> shift;
      __builtin_memcpy(to, &word, 4);
    } else {
      for (int32_t i = 0; i < p->rest; i++) to[i] = end[i - p->rest];
    }
  }
}

/* Three windows as columns: of each four values odd, then mix (tdl_pairs.h). */
static inline void unpack(const params *p, const window *windows, int32_t *column, int8_t *rests) {
  const int8_t *a = windows[0].row, *b = windows[1].row, *c = windows[2].row;
  if (p->run > 0) {
    for (int32_t ky = p->kernel_height; ky > 0; ky--) {
      column = tdl_unpack_columns(a, b, c, p->run, column);
      a += windows[0].step;
      b += windows[1].step;
      c += windows[2].step;
    }
  }
  if (p->rest > 0) {
    const int32_t groups = p->groups - p->kernel_height * p->run;
    for (int32_t i = 0; i < TDL_PIXELS; i++) gather_rest(p, windows + i, rests + 4 * groups * i);
    tdl_unpack_columns(rests, rests + 4 * groups, rests + 8 * groups, groups, column);
  }
}

/* All channels of the pixels whose columns are ready: the pairs, then the last one of an odd number, which is computed
 * with one that is not kept. */
static inline void multiply(const params *p, tdl_columns_block *blocks, int8_t *y, int32_t pixels) {
  const int32_t odd = p->output_channels & 1;
  int8_t last[2 * TDL_PIXELS];
  blocks[0].y = y + first_channel(p);
  blocks[1].y = last;
  for (int32_t i = p->output_channels == 1; i <= odd; i++) tdl_multiply_columns(blocks + i);
  if (odd) {
    for (int32_t i = 0; i < pixels; i++) y[(i + 1) * layer_channels(p) - 1] = last[2 * i];
  }
}

/* These channels of all pixels; all of y is clamped to the activation's bounds at the end. */
void CONV_2D_COLUMNS(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t channels = p->input_channels, outputs = layer_channels(p);
  const int32_t row = p->input_width * channels, row_step = p->dilation_height * row;
  const int32_t pixel_step = p->stride_width * channels;
  int32_t *const columns = scratch;
  int8_t *const rests = (int8_t *)(columns + TDL_GROUP * p->groups);
  int8_t *const room = rests + 4 * (TDL_PIXELS * (p->groups - p->kernel_height * p->run) + 1);
  const int32_t window_bytes = p->kernel_height * p->kernel_width * channels;
  const int32_t even = p->output_channels & ~1;
  const int32_t *const columns_end = columns + TDL_GROUP * p->groups, *const weights_end =
                                                                          p->weights + even * p->groups;
  tdl_columns_block blocks[2] = {
      {columns, columns_end, p->groups, 0, outputs, 2 * outputs, p->channels, p->weights, weights_end},
      {columns, columns_end, p->groups, 0, 2, 4, p->channels + even * TDL_CHANNEL, weights_end,
       weights_end + 2 * p->groups}};
  window windows[TDL_PIXELS] = {{0, 0}, {0, 0}, {0, 0}};
  int8_t *const first = y;
  int32_t waiting = 0;

  for (int32_t n = 0; n < p->batches; n++, x += p->input_height * row) {
    int32_t iy = -p->pad_height;
    for (int32_t oy = p->output_height; oy > 0; oy--, iy += p->stride_height) {
      const int32_t below = p->input_height - (p->kernel_height - 1) * p->dilation_height;
      const int32_t right = iy >= 0 && iy < below && p->dilation_width == 1 ? p->input_width - p->kernel_width : -1;
      const int8_t *from = x + iy * row - p->pad_width * channels;
      int32_t ix = -p->pad_width;
      for (int32_t ox = p->output_width; ox > 0; ox--, ix += p->stride_width, from += pixel_step) {
        if (ix >= 0 && ix <= right) {
          windows[waiting].row = from;
          windows[waiting].step = row_step;
        } else {
          windows[waiting] = written_down(p, x, iy, ix, room + window_bytes * waiting);
        }
        if (++waiting == TDL_PIXELS) {
          unpack(p, windows, columns, rests);
          multiply(p, blocks, y, TDL_PIXELS);
          y += TDL_PIXELS * outputs;
          waiting = 0;
        }
      }
    }
  }
  if (waiting > 0) { /* one or two pixels are left: what would be the others' lies over the first one's */
    blocks[0].second = waiting > 1 ? outputs : 0;
    blocks[0].third = 0;
    for (int32_t i = waiting; i < TDL_PIXELS; i++) windows[i] = windows[0];
    unpack(p, windows, columns, rests);
    multiply(p, blocks, y, waiting);
    y += waiting * outputs;
  }
  tdl_clamp_outputs(first, (int32_t)(y - first), p->activation_min, p->activation_max);
}

#endif
