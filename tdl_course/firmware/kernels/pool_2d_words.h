/* pool_2d_words.h: MAX_POOL_2D and AVERAGE_POOL_2D of int8, four channels at a time: the formulas are in *_loops.h.
 *
 * The last four channels of a number that is no multiple of four overlap the ones before.
 *
 * The file that includes this one says before what a `state` is of four channels, and begin, take, finish of it. */
#ifndef POOL_2D_WORDS_H
#define POOL_2D_WORDS_H

#include "tdl_kernels.h"
#include "tdl_window.h"

/* One output pixel: every channel of y at a window whose first tap is at (y_origin, x_origin). */
static void pixel(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y, int32_t y_origin, int32_t x_origin) {
  const tdl_taps rows = tdl_taps_inside(y_origin, p->kernel_height, p->dilation_height, p->input_height);
  const tdl_taps cols = tdl_taps_inside(x_origin, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t channels = p->channels, row_step = p->dilation_height * p->input_width * channels;
  const int32_t tap_step = p->dilation_width * channels;
  const int32_t count = (rows.end - rows.begin) * (cols.end - cols.begin);
  const int8_t *const first = x + ((y_origin + rows.begin * p->dilation_height) * p->input_width +
                                   (x_origin + cols.begin * p->dilation_width)) *
                                      channels;
  for (int32_t from = 0; from < channels; from += 4) {
    const int32_t c = from + 4 <= channels ? from : channels - 4;
    const int8_t *row = first + c;
    state four = begin(p);
    for (int32_t ky = rows.end - rows.begin; ky > 0; ky--, row += row_step) {
      const int8_t *tap = row;
      for (int32_t kx = cols.end - cols.begin; kx > 0; kx--, tap += tap_step) four = take(four, tdl_load(tap));
    }
    finish(p, four, count, y + c);
  }
}

static inline void pool_2d(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y) {
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
