/* PAD, int8.
 *
 *   y[n][h][w][c] = x[n - before_batches][h - before_height][w - before_width][c - before_channels], or `value` outside
 *
 * x [N][H][W][C]   y [N + before + after][H + before + after][W + before + after][C + before + after]
 * n: batch   h: row   w: column   c: channel */
#include "tdl_kernels.h"

static int8_t *fill(int8_t *y, int8_t value, int32_t count) {
  for (int32_t i = 0; i < count; i++) *y++ = value;
  return y;
}

void tdl_pad_s8(const tdl_pad_params *p, const int8_t *x, int8_t *y) {
  const int8_t value = (int8_t)p->value;
  const int32_t pixel = p->before_channels + p->input_channels + p->after_channels;
  const int32_t row = (p->before_width + p->input_width + p->after_width) * pixel;
  const int32_t image = (p->before_height + p->input_height + p->after_height) * row;

  y = fill(y, value, p->before_batches * image);
  for (int32_t n = 0; n < p->input_batches; n++) {
    y = fill(y, value, p->before_height * row);
    for (int32_t h = 0; h < p->input_height; h++) {
      y = fill(y, value, p->before_width * pixel);
      for (int32_t w = 0; w < p->input_width; w++) {
        y = fill(y, value, p->before_channels);
        for (int32_t c = 0; c < p->input_channels; c++) *y++ = *x++;
        y = fill(y, value, p->after_channels);
      }
      y = fill(y, value, p->after_width * pixel);
    }
    y = fill(y, value, p->after_height * row);
  }
  fill(y, value, p->after_batches * image);
}
