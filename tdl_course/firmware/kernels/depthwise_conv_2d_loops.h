/* depthwise_conv_2d_loops.h: DEPTHWISE_CONV_2D for any type of number.
 *
 *   y[n][oy][ox][oc] = output(oc, sum over ky, kx of
 *                                 weights[ky][kx][oc] * (x[n][iy][ix][oc / M] - input_zero_point))
 *   iy = oy * stride_height - pad_height + ky * dilation_height, ix alike; taps outside the input count zero
 *
 * x [N][H][W][C]   weights [KH][KW][C * M]   y [N][OH][OW][C * M]   M: depth_multiplier
 * oy, ox: output row, column   ky, kx: kernel row, column   oc: output channel
 *
 * The file that includes this one includes before a header tdl_numbers_*.h, which gives `value`, `dot`, `output` ... */
#ifndef DEPTHWISE_CONV_2D_LOOPS_H
#define DEPTHWISE_CONV_2D_LOOPS_H

#include "tdl_kernels.h"
#include "tdl_window.h"

/* The taps of one window that fall inside the input. */
typedef struct {
  const value *x;     /* input channel 0 of the first tap inside */
  cursor weights;     /* output channel 0 of the same tap */
  int32_t rows, cols; /* taps inside */
} window;

static window window_at(const tdl_depthwise_conv_2d_params *p, const value *x, int32_t y_origin, int32_t x_origin) {
  const tdl_taps rows = tdl_taps_inside(y_origin, p->kernel_height, p->dilation_height, p->input_height);
  const tdl_taps cols = tdl_taps_inside(x_origin, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t iy = y_origin + rows.begin * p->dilation_height;
  const int32_t ix = x_origin + cols.begin * p->dilation_width;
  const int32_t output_channels = p->input_channels * p->depth_multiplier;
  const window inside = {x + (iy * p->input_width + ix) * p->input_channels,
                         weight(p->weights, (rows.begin * p->kernel_width + cols.begin) * output_channels),
                         rows.end - rows.begin, cols.end - cols.begin};
  return inside;
}

/* Output channels oc, oc + 1, ... oc + count - 1, whose input channels are `step` apart from ic on. `count` and `step`
 * are constants at every call, so that the sums live in registers. */
static inline __attribute__((always_inline)) void channels(const tdl_depthwise_conv_2d_params *p, const window *at,
                                                           value *restrict y, int32_t oc, int32_t ic, int32_t count,
                                                           int32_t step) {
  const int32_t output_channels = p->input_channels * p->depth_multiplier;
  const int32_t tap_stride = p->dilation_width * p->input_channels;
  const int32_t row_stride = p->dilation_height * p->input_width * p->input_channels;
  const int32_t zero_point = p->input_zero_point;
  const value *x_row = at->x + ic;
  cursor w_row = skip(at->weights, oc);
  total sum[4] = {0, 0, 0, 0};

  for (int32_t ky = 0; ky < at->rows; ky++) {
    const value *x = x_row;
    cursor w = w_row;
    for (int32_t kx = 0; kx < at->cols; kx++) {
      for (int32_t i = 0; i < count; i++) sum[i] += product(x[i * step], zero_point, w, i);
      x += tap_stride;
      w = skip(w, output_channels);
    }
    x_row += row_stride;
    w_row = skip(w_row, p->kernel_width * output_channels);
  }
  for (int32_t i = 0; i < count; i++)
    y[oc + i] = output(sum[i], p->bias, p->multiplier, p->shift, oc + i, p->output_zero_point, p->activation_min,
                       p->activation_max);
}

/* One output pixel: every channel of y at a window whose first tap is at (y_origin, x_origin). */
static void pixel(const tdl_depthwise_conv_2d_params *p, const value *x, value *restrict y, int32_t y_origin,
                  int32_t x_origin) {
  const window at = window_at(p, x, y_origin, x_origin);
  int32_t ic = 0;
  int32_t oc = 0;

  if (p->depth_multiplier == 1) {
    for (; ic + 4 <= p->input_channels; ic += 4) channels(p, &at, y, ic, ic, 4, 1);
    oc = ic;
  }
  for (; ic < p->input_channels; ic++) {
    for (int32_t m = 0; m < p->depth_multiplier; m++) channels(p, &at, y, oc++, ic, 1, 0);
  }
}

static inline void depthwise_conv_2d(const tdl_depthwise_conv_2d_params *p, const value *x, value *y) {
  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        pixel(p, x, y, oy * p->stride_height - p->pad_height, ox * p->stride_width - p->pad_width);
        y += p->input_channels * p->depth_multiplier;
      }
    }
    x += p->input_height * p->input_width * p->input_channels;
  }
}

#endif
