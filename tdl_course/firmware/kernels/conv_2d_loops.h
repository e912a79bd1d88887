/* conv_2d_loops.h: CONV_2D for any type of number.
 *
 *   y[n][oy][ox][oc] = output(oc, sum over ky, kx, ic of
 *                                 weights[oc][ky][kx][ic] * (x[n][iy][ix][g * KC + ic] - input_zero_point))
 *   iy = oy * stride_height - pad_height + ky * dilation_height, ix alike; taps outside the input count zero
 *
 * x [N][H][W][C]   weights [OC][KH][KW][KC]   y [N][OH][OW][OC]   group g = oc / (OC / (C / KC))
 * oy, ox: output row, column   ky, kx: kernel row, column   oc: output channel   ic: channel within its group
 *
 * In one kernel row, neighbouring taps of an undilated, ungrouped window lie next to each other in x and in weights:
 * the row is one run of (taps * C) values. Otherwise every tap is a run of KC values.
 *
 * The file that includes this one includes before a header tdl_numbers_*.h, which gives `value`, `dot`, `output` ... */
#ifndef CONV_2D_LOOPS_H
#define CONV_2D_LOOPS_H

#include "tdl_kernels.h"
#include "tdl_window.h"

/* The part of one window that lies inside the input: `rows` rows of `runs` runs of `run` values. */
typedef struct {
  const value *x; /* input channel 0 of the first tap inside */
  cursor weights; /* the same tap of output channel 0 */
  int32_t rows, runs, run;
  int32_t x_row, x_run; /* steps in x from row to row, from run to run */
  int32_t w_row;        /* step in weights from row to row; runs lie side by side */
} window;

static window window_at(const tdl_conv_2d_params *p, const value *x, int32_t y_origin, int32_t x_origin) {
  const tdl_taps rows = tdl_taps_inside(y_origin, p->kernel_height, p->dilation_height, p->input_height);
  const tdl_taps cols = tdl_taps_inside(x_origin, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t iy = y_origin + rows.begin * p->dilation_height;
  const int32_t ix = x_origin + cols.begin * p->dilation_width;
  const int32_t taps = cols.end - cols.begin;
  const int contiguous = p->dilation_width == 1 && p->kernel_channels == p->input_channels;
  window at;
  at.x = x + (iy * p->input_width + ix) * p->input_channels;
  at.weights = weight(p->weights, (rows.begin * p->kernel_width + cols.begin) * p->kernel_channels);
  at.rows = rows.end - rows.begin;
  at.runs = contiguous ? 1 : taps;
  at.run = contiguous ? taps * p->kernel_channels : p->kernel_channels;
  at.x_row = p->dilation_height * p->input_width * p->input_channels;
  at.x_run = p->dilation_width * p->input_channels;
  at.w_row = p->kernel_width * p->kernel_channels;
  return at;
}

/* sum over ky, kx, ic for one output channel. */
static inline total weighted_sum(const window *at, const value *x, cursor w, int32_t zero_point) {
  total sum = 0;
  for (int32_t row = at->rows; row > 0; row--) {
    const value *x_run = x;
    cursor w_run = w;
    for (int32_t run = at->runs; run > 0; run--) {
      sum += dot(x_run, w_run, at->run, zero_point);
      x_run += at->x_run;
      w_run = skip(w_run, at->run);
    }
    x += at->x_row;
    w = skip(w, at->w_row);
  }
  return sum;
}

/* The same for this output channel and the next, whose weights lie `filter` further on. */
static inline void weighted_sums(const window *at, const value *x, cursor w, int32_t filter, int32_t zero_point,
                                 total *sums) {
  for (int32_t row = at->rows; row > 0; row--) {
    const value *x_run = x;
    cursor w_run = w;
    for (int32_t run = at->runs; run > 0; run--) {
      dots(x_run, w_run, skip(w_run, filter), at->run, zero_point, sums);
      x_run += at->x_run;
      w_run = skip(w_run, at->run);
    }
    x += at->x_row;
    w = skip(w, at->w_row);
  }
}

/* One output pixel: every channel of y at a window whose first tap is at (y_origin, x_origin). */
static void pixel(const tdl_conv_2d_params *p, const value *x, value *restrict y, int32_t y_origin, int32_t x_origin) {
  const window at = window_at(p, x, y_origin, x_origin);
  const int32_t filter = p->kernel_height * at.w_row;
  const int32_t channels_per_group = p->output_channels / (p->input_channels / p->kernel_channels);
  cursor w = at.weights;
  int32_t oc = 0;

  for (const value *group = at.x; oc < p->output_channels; group += p->kernel_channels) {
    int32_t left = channels_per_group;
    for (; left >= 2; left -= 2) {
      total sums[2] = {0, 0};
      weighted_sums(&at, group, w, filter, p->input_zero_point, sums);
      for (int32_t i = 0; i < 2; i++, oc++)
        y[oc] = output(sums[i], p->bias, p->multiplier, p->shift, oc, p->output_zero_point, p->activation_min,
                       p->activation_max);
      w = skip(w, 2 * filter);
    }
    if (left > 0) {
      y[oc] = output(weighted_sum(&at, group, w, p->input_zero_point), p->bias, p->multiplier, p->shift, oc,
                     p->output_zero_point, p->activation_min, p->activation_max);
      w = skip(w, filter);
      oc++;
    }
  }
}

static inline void conv_2d(const tdl_conv_2d_params *p, const value *x, value *y) {
  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        pixel(p, x, y, oy * p->stride_height - p->pad_height, ox * p->stride_width - p->pad_width);
        y += p->output_channels;
      }
    }
    x += p->input_height * p->input_width * p->input_channels;
  }
}

#endif
