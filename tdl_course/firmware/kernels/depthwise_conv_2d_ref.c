/* DEPTHWISE_CONV_2D, int8.
 *
 *   y[n][oy][ox][oc] = requantize(bias[oc] + sum over ky, kx of
 *                                 weights[ky][kx][oc] * (x[n][iy][ix][oc / M] - input_zero_point))
 *   iy = oy * stride_height - pad_height + ky * dilation_height, ix alike; taps outside the input count zero
 *
 * x [N][H][W][C]   weights [KH][KW][C * M]   y [N][OH][OW][C * M]   M: depth_multiplier
 * oy, ox: output row, column   ky, kx: kernel row, column   oc: output channel */
#include "tdl_kernels.h"
#include "tdl_requantize.h"
#include "tdl_window.h"

/* One output pixel: every channel of y at a window whose first tap is at (y_origin, x_origin). */
static void pixel(const tdl_depthwise_conv_2d_params *p, const int8_t *x, int8_t *y, int32_t y_origin,
                  int32_t x_origin) {
  const tdl_taps rows = tdl_taps_inside(y_origin, p->kernel_height, p->dilation_height, p->input_height);
  const tdl_taps cols = tdl_taps_inside(x_origin, p->kernel_width, p->dilation_width, p->input_width);
  const int32_t taps = cols.end - cols.begin;
  const int32_t zero_point = p->input_zero_point;
  const int32_t output_channels = p->input_channels * p->depth_multiplier;
  const int32_t tap_stride = p->dilation_width * p->input_channels;
  const int32_t row_stride = p->dilation_height * p->input_width * p->input_channels;
  const int8_t *first = x + ((y_origin + rows.begin * p->dilation_height) * p->input_width +
                             (x_origin + cols.begin * p->dilation_width)) * p->input_channels;
  const int8_t *filter = p->weights + (rows.begin * p->kernel_width + cols.begin) * output_channels;
  int32_t oc = 0;

  for (int32_t ic = 0; ic < p->input_channels; ic++) {
    for (int32_t m = 0; m < p->depth_multiplier; m++) {
      const int8_t *x_row = first + ic;
      const int8_t *w_row = filter + oc;
      int32_t accumulator = p->bias != 0 ? p->bias[oc] : 0;
      for (int32_t ky = rows.begin; ky < rows.end; ky++) {
        const int8_t *x_tap = x_row;
        const int8_t *w_tap = w_row;
        for (int32_t kx = 0; kx < taps; kx++) {
          accumulator += (*x_tap - zero_point) * *w_tap;
          x_tap += tap_stride;
          w_tap += output_channels;
        }
        x_row += row_stride;
        w_row += p->kernel_width * output_channels;
      }
      y[oc] = tdl_requantize(accumulator, p->multiplier[oc], p->shift[oc], p->output_zero_point, p->activation_min,
                             p->activation_max);
      oc++;
    }
  }
}

void tdl_depthwise_conv_2d_s8(const tdl_depthwise_conv_2d_params *p, const int8_t *x, int8_t *y) {
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
