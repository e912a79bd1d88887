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

/* The input pixels that paint one output pixel, and their weights: `rows` rows of `cols` runs of C values. */
typedef struct {
  const int8_t *x, *weights; /* of the first row and column; weights of output channel 0 */
  int32_t rows, cols;
  int32_t x_row, x_col, w_row, w_col; /* steps from row to row, from column to column */
} window;

static window window_at(const tdl_transpose_conv_params *p, const int8_t *x, gathered row, gathered col) {
  const int32_t channels = p->input_channels;
  const int32_t iy = row.input - row.inside.begin, ix = col.input - col.inside.begin;
  const int32_t ky = row.kernel + row.inside.begin * p->stride_height;
  const int32_t kx = col.kernel + col.inside.begin * p->stride_width;
  window at;
  at.x = x + (iy * p->input_width + ix) * channels;
  at.weights = p->weights + (ky * p->kernel_width + kx) * channels;
  at.rows = row.inside.end - row.inside.begin;
  at.cols = col.inside.end - col.inside.begin;
  at.x_row = -p->input_width * channels;
  at.x_col = -channels;
  at.w_row = p->stride_height * p->kernel_width * channels;
  at.w_col = p->stride_width * channels;
  return at;
}

/* sum over ky, kx, ic for the output channel of the weights w. */
static inline int32_t weighted_sum(const window *at, const int8_t *w, int32_t channels, int32_t zero_point) {
  const int8_t *x = at->x;
  int32_t sum = 0;
  for (int32_t row = at->rows; row > 0; row--) {
    const int8_t *x_run = x;
    const int8_t *w_run = w;
    for (int32_t col = at->cols; col > 0; col--) {
      sum += tdl_dot(x_run, w_run, channels, zero_point);
      x_run += at->x_col;
      w_run += at->w_col;
    }
    x += at->x_row;
    w += at->w_row;
  }
  return sum;
}

/* One output pixel: every channel of y. */
static void pixel(const tdl_transpose_conv_params *p, window at, int8_t *y) {
  const int32_t filter = p->kernel_height * p->kernel_width * p->input_channels;
  const int32_t *bias = (const int32_t *)p->bias;
  const int8_t *w = at.weights;

  for (int32_t oc = 0; oc < p->output_channels; oc++) {
    const int32_t sum = weighted_sum(&at, w, p->input_channels, p->input_zero_point);
    y[oc] = tdl_requantize(sum + (bias != 0 ? bias[oc] : 0), p->multiplier[oc], p->shift[oc], p->output_zero_point,
                           p->activation_min, p->activation_max);
    w += filter;
  }
}

void tdl_transpose_conv_s8(const tdl_transpose_conv_params *p, const int8_t *x, int8_t *y) {
  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      const gathered rows = gather(oy + p->pad_height, p->stride_height, p->kernel_height, p->input_height);
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        const gathered cols = gather(ox + p->pad_width, p->stride_width, p->kernel_width, p->input_width);
        pixel(p, window_at(p, x, rows, cols), y);
        y += p->output_channels;
      }
    }
    x += p->input_height * p->input_width * p->input_channels;
  }
}
