/* TRANSPOSE_CONV, int8.
 *
 *   y[n][oy][ox][oc] = requantize(bias[oc] + sum over ky, kx, ic of
 *                                 weights[oc][ky][kx][ic] * (x[n][iy][ix][ic] - input_zero_point))
 *   over all iy, ky with iy * stride_height - pad_height + ky = oy and iy inside the input; ix, kx alike
 *
 * x [N][H][W][C]   weights [OC][KH][KW][C]   y [N][OH][OW][OC]
 * oy, ox: output row, column   iy, ix: input row, column   ky, kx: kernel row, column   oc, ic: output, input channel
 *
 * Every output pixel gathers the input pixels that paint it, so no sums are kept between pixels. With
 * at = oy + pad_height, tap j has ky = at % stride + j * stride and iy = at / stride - j: rows go down as taps go up. */
#include "tdl_dot.h"
#include "tdl_kernels.h"
#include "tdl_requantize.h"
#include "tdl_window.h"

/* The taps of one output row, or column. */
typedef struct {
  int32_t input, kernel; /* of tap 0 */
  tdl_taps inside;
} gathered;

static gathered gather(int32_t at, int32_t stride, int32_t kernel, int32_t size) {
  gathered taps = {at / stride, at % stride, {0, 0}};
  const int32_t last = taps.input < size ? 0 : taps.input - (size - 1); /* tap of the input's last row */
  while (taps.kernel + taps.inside.end * stride < kernel && taps.inside.end <= taps.input) taps.inside.end++;
  taps.inside.begin = last < taps.inside.end ? last : taps.inside.end;
  return taps;
}

/* One output pixel: every channel of y. x: the input image. */
static void pixel(const tdl_transpose_conv_params *p, const int8_t *x, int8_t *y, const gathered *rows,
                  const gathered *cols) {
  const int32_t channels = p->input_channels;
  const int8_t *filter = p->weights;
  const int32_t *bias = (const int32_t *)p->bias;

  for (int32_t oc = 0; oc < p->output_channels; oc++) {
    int32_t sum = bias != 0 ? bias[oc] : 0;
    for (int32_t j = rows->inside.begin; j < rows->inside.end; j++) {
      const int8_t *x_row = x + (rows->input - j) * p->input_width * channels;
      const int8_t *w_row = filter + (rows->kernel + j * p->stride_height) * p->kernel_width * channels;
      for (int32_t i = cols->inside.begin; i < cols->inside.end; i++) {
        sum += tdl_dot(x_row + (cols->input - i) * channels, w_row + (cols->kernel + i * p->stride_width) * channels,
                       channels, p->input_zero_point);
      }
    }
    y[oc] = tdl_requantize(sum, p->multiplier[oc], p->shift[oc], p->output_zero_point, p->activation_min,
                           p->activation_max);
    filter += p->kernel_height * p->kernel_width * channels;
  }
}

void tdl_transpose_conv_s8(const tdl_transpose_conv_params *p, const int8_t *x, int8_t *y) {
  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      const gathered rows = gather(oy + p->pad_height, p->stride_height, p->kernel_height, p->input_height);
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        const gathered cols = gather(ox + p->pad_width, p->stride_width, p->kernel_width, p->input_width);
        pixel(p, x, y, &rows, &cols);
        y += p->output_channels;
      }
    }
    x += p->input_height * p->input_width * p->input_channels;
  }
}
