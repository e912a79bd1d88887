/* AVERAGE_POOL_2D, int8.
 *
 *   y[n][oy][ox][c] = clamp(round(sum over ky, kx of x[n][oy * stride_height - pad_height + ky][ox * ... + kx][c] / k))
 *
 * k: number of taps inside the input; the others do not count. Halves are rounded away from zero.
 * x [N][H][W][C]   y [N][OH][OW][C]
 * oy, ox: output row, column   iy, ix: input row, column   c: channel */
#include "tdl_kernels.h"
#include "tdl_requantize.h"

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }
static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

/* One output pixel: every channel of y over input rows [y_begin, y_end) and columns [x_begin, x_end). */
static void pixel(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y, int32_t y_begin, int32_t y_end,
                  int32_t x_begin, int32_t x_end) {
  const int32_t channels = p->channels;
  const int32_t count = (y_end - y_begin) * (x_end - x_begin);
  for (int32_t c = 0; c < channels; c++) {
    int32_t total = 0;
    for (int32_t iy = y_begin; iy < y_end; iy++) {
      const int8_t *value = x + (iy * p->input_width + x_begin) * channels + c;
      for (int32_t ix = x_begin; ix < x_end; ix++) {
        total += *value;
        value += channels;
      }
    }
    const int32_t mean = (total > 0 ? total + count / 2 : total - count / 2) / count;
    y[c] = (int8_t)tdl_clamp(mean, p->activation_min, p->activation_max);
  }
}

void tdl_average_pool_2d_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y) {
  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      const int32_t top = oy * p->stride_height - p->pad_height;
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        const int32_t left = ox * p->stride_width - p->pad_width;
        pixel(p, x, y, larger(top, 0), smaller(top + p->kernel_height, p->input_height), larger(left, 0),
              smaller(left + p->kernel_width, p->input_width));
        y += p->channels;
      }
    }
    x += p->input_height * p->input_width * p->channels;
  }
}
