/* CONV_2D, int8.
 *
 *   y[n][oy][ox][oc] = requantize(bias[oc] + sum over ky, kx, ic of
 *                                 weights[oc][ky][kx][ic] * (x[n][iy][ix][g * KC + ic] - input_zero_point))
 *   iy = oy * stride_height - pad_height + ky * dilation_height, ix alike; taps outside the input count zero
 *
 * x [N][H][W][C]   weights [OC][KH][KW][KC]   y [N][OH][OW][OC]   group g = oc / (OC / (C / KC))
 * oy, ox: output row, column   ky, kx: kernel row, column   oc: output channel   ic: channel within its group
 *
 * In one kernel row, neighbouring taps of an undilated, ungrouped window lie next to each other in x and in weights:
 * the row is one run of (taps * C) values. Otherwise every tap is a run of KC values. */
#include "tdl_kernels.h"
#include "tdl_requantize.h"
#include "tdl_window.h"

static int32_t dot(const int8_t *x, const int8_t *w, int32_t length, int32_t zero_point) {
  int32_t sum = 0;
  for (int32_t i = 0; i < length; i++) sum += (x[i] - zero_point) * w[i];
  return sum;
}

/* One output pixel: every channel of y at a window whose first tap is at (y_origin, x_origin). */
static void pixel(const tdl_conv_2d_params *p, const int8_t *x, int8_t *y, int32_t y_origin, int32_t x_origin) {
  const tdl_taps rows = tdl_taps_inside(y_origin, p->kernel_height, p->dilation_height, p->input_height);
  const tdl_taps cols = tdl_taps_inside(x_origin, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t channels_per_group = p->output_channels / (p->input_channels / p->kernel_channels);
  const int contiguous = p->dilation_width == 1 && p->kernel_channels == p->input_channels;
  const int32_t taps_per_run = contiguous ? cols.end - cols.begin : 1;
  const int32_t run = taps_per_run * p->kernel_channels;
  const int32_t row_stride = p->dilation_height * p->input_width * p->input_channels;
  const int32_t tap_stride = p->dilation_width * p->input_channels;
  const int32_t filter_row = p->kernel_width * p->kernel_channels;
  const int8_t *first = x + ((y_origin + rows.begin * p->dilation_height) * p->input_width +
                             (x_origin + cols.begin * p->dilation_width)) * p->input_channels;
  const int8_t *filter = p->weights + rows.begin * filter_row + cols.begin * p->kernel_channels;

  for (int32_t oc = 0; oc < p->output_channels; oc++) {
    const int8_t *x_row = first + (oc / channels_per_group) * p->kernel_channels;
    const int8_t *w_row = filter;
    int32_t accumulator = p->bias != 0 ? p->bias[oc] : 0;
    for (int32_t ky = rows.begin; ky < rows.end; ky++) {
      const int8_t *x_run = x_row;
      const int8_t *w_run = w_row;
      for (int32_t kx = cols.begin; kx < cols.end; kx += taps_per_run) {
        accumulator += dot(x_run, w_run, run, p->input_zero_point);
        x_run += tap_stride;
        w_run += run;
      }
      x_row += row_stride;
      w_row += filter_row;
    }
    y[oc] = tdl_requantize(accumulator, p->multiplier[oc], p->shift[oc], p->output_zero_point, p->activation_min,
                           p->activation_max);
    filter += p->kernel_height * filter_row;
  }
}

void tdl_conv_2d_s8(const tdl_conv_2d_params *p, const int8_t *x, int8_t *y) {
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
