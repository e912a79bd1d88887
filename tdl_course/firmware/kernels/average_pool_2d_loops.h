/* average_pool_2d_loops.h: AVERAGE_POOL_2D for any type of number.
 *
 *   y[n][oy][ox][c] = clamp(round(sum over ky, kx of x[n][oy * stride_height - pad_height + ky][ox * ... + kx][c] / k))
 *
 * k: number of taps inside the input; the others do not count. Halves are rounded away from zero.
 * x [N][H][W][C]   y [N][OH][OW][C]
 * oy, ox: output row, column   ky, kx: window row, column   c: channel
 *
 * The file that includes this one says before what a `value` is, the type of x and y. */
#ifndef AVERAGE_POOL_2D_LOOPS_H
#define AVERAGE_POOL_2D_LOOPS_H

#include "tdl_kernels.h"
#include "tdl_requantize.h"
#include "tdl_window.h"

/* One output pixel: every channel of y at a window whose first tap is at (y_origin, x_origin). */
static void pixel(const tdl_pool_2d_params *p, const value *x, value *restrict y, int32_t y_origin, int32_t x_origin) {
  const tdl_taps rows = tdl_taps_inside(y_origin, p->kernel_height, p->dilation_height, p->input_height);
  const tdl_taps cols = tdl_taps_inside(x_origin, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t channels = p->channels;
  const int32_t row_stride = p->dilation_height * p->input_width * channels;
  const int32_t tap_stride = p->dilation_width * channels;
  const int32_t count = (rows.end - rows.begin) * (cols.end - cols.begin);
  const value *first = x + ((y_origin + rows.begin * p->dilation_height) * p->input_width +
                            (x_origin + cols.begin * p->dilation_width)) *
                               channels;

  for (int32_t c = 0; c < channels; c++) {
    const value *row = first + c;
    int32_t total = 0;
    for (int32_t ky = rows.begin; ky < rows.end; ky++) {
      const value *tap = row;
      for (int32_t kx = cols.begin; kx < cols.end; kx++) {
        total += *tap;
        tap += tap_stride;
      }
      row += row_stride;
    }
    const int32_t mean = (total > 0 ? total + count / 2 : total - count / 2) / count;
    y[c] = (value)tdl_clamp(mean, p->activation_min, p->activation_max);
  }
}

static inline void average_pool_2d(const tdl_pool_2d_params *p, const value *x, value *y) {
  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        pixel(p, x, y, oy * p->stride_height - p->pad_height, ox * p->stride_width - p->pad_width);
        y += p->channels;
      }
    }
    x += p->input_height * p->input_width * p->channels;
  }
}

#endif
