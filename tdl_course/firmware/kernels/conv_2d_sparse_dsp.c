/* CONV_2D, int8, with weights of which few are not zero: the formula is in conv_2d_loops.h.
 *
 * The windows of six output pixels are written down side by side, so that what a weight is multiplied with lies in three
 * words; then each output channel walks through them from weight to weight: see tdl_block_sparse.h.
 *
 * A kernel row of a window that reaches over the border of the input is first written down with its padding.
 *
 *   scratch: columns [kernel_height * run][TDL_WORDS]; behind them of six pixels a kernel row [run], or outputs
 *   run: values of a kernel row, kernel_width * input_channels
 *
 * All of a block's windows are read before any of its outputs is written. */
#include "tdl_block_sparse.h"
#include "tdl_kernels.h"
#include "tdl_move.h"
#include "tdl_window.h"

typedef tdl_conv_2d_sparse_params params;

/* An output pixel: its image, where its window begins there, and that place where the window lies within the image as
 * runs of bytes, else 0. */
typedef struct {
  const int8_t *image;
  int32_t y, x;
  const int8_t *inside;
} pixel;

static int8_t *fill(int8_t *to, int32_t value, int32_t bytes) {
  const uint32_t word = (uint32_t)(uint8_t)value * 0x01010101u;
  for (; bytes >= 4; bytes -= 4, to += 4) __builtin_memcpy(to, &word, 4);
  for (; bytes > 0; bytes--) *to++ = (int8_t)value;
  return to;
}

/* Row `iy` of the input below the window of a pixel, written down with padding. */
static const int8_t *written_down(const params *p, const pixel *at, int32_t iy, int8_t *row) {
  const int32_t width = p->kernel_width, channels = p->input_channels, step = p->dilation_width;
  if (iy < 0 || iy >= p->input_height) {
    fill(row, p->input_zero_point, width * channels);
    return row;
  }
  const tdl_taps inside = tdl_taps_inside(at->x, width, step, p->input_width);
  int8_t *to = fill(row, p->input_zero_point, inside.begin * channels);
  for (int32_t kx = inside.begin; kx < inside.end; kx++)
    to = tdl_move(to, at->image + (iy * p->input_width + at->x + kx * step) * channels, channels);
  fill(to, p->input_zero_point, (width - inside.end) * channels);
  return row;
}

/* All channels of `count` pixels whose windows are known; what the others' places hold is computed too, and not kept. */
static void multiply(const params *p, pixel *pixels, int32_t count, int32_t *columns, int8_t *y) {
  const int32_t run = p->kernel_width * p->input_channels, outputs = p->output_channels;
  const int32_t row_step = p->dilation_height * p->input_width * p->input_channels;
  int32_t *column = columns;
  int8_t *const room = (int8_t *)(columns + TDL_WORDS * p->kernel_height * run);
  for (int32_t i = count; i < TDL_SIX_PIXELS; i++) pixels[i] = pixels[0];
  for (int32_t ky = 0; ky < p->kernel_height; ky++, column += TDL_WORDS * run) {
    const int8_t *rows[TDL_SIX_PIXELS];
    for (int32_t i = 0; i < TDL_SIX_PIXELS; i++) {
      const pixel *const at = pixels + i;
      rows[i] = at->inside ? at->inside + ky * row_step
                           : written_down(p, at, at->y + ky * p->dilation_height, room + run * i);
    }
    for (int32_t i = 0; i < TDL_WORDS; i++) tdl_join_pixels(rows[2 * i], rows[2 * i + 1], run, column + i);
  }
  const int32_t *const end = p->channels + outputs * TDL_SPARSE_CHANNEL;
  const tdl_sparse_block block = {columns, p->entries, p->channels, end, count < TDL_SIX_PIXELS ? room : y, outputs};
  tdl_multiply_sparse(&block);
  if (count < TDL_SIX_PIXELS) tdl_move(y, room, count * outputs);
}

void tdl_conv_2d_sparse_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  int8_t *const first = y;
  pixel pixels[TDL_SIX_PIXELS];
  int32_t waiting = 0;
  for (int32_t n = 0; n < p->batches; n++, x += p->input_height * p->input_width * p->input_channels) {
    int32_t iy = -p->pad_height;
    for (int32_t oy = p->output_height; oy > 0; oy--, iy += p->stride_height) {
      const int32_t below = p->input_height - (p->kernel_height - 1) * p->dilation_height;
      const int32_t right = iy >= 0 && iy < below && p->dilation_width == 1 ? p->input_width - p->kernel_width : -1;
      int32_t ix = -p->pad_width;
      for (int32_t ox = p->output_width; ox > 0; ox--, ix += p->stride_width) {
        const int8_t *const from = ix >= 0 && ix <= right ? x + (iy * p->input_width + ix) * p->input_channels : 0;
        pixels[waiting++] = (pixel){x, iy, ix, from};
        if (waiting == TDL_SIX_PIXELS) {
          multiply(p, pixels, waiting, scratch, y);
          y += TDL_SIX_PIXELS * p->output_channels;
          waiting = 0;
        }
      }
    }
  }
  if (waiting > 0) {
    multiply(p, pixels, waiting, scratch, y);
    y += waiting * p->output_channels;
  }
  tdl_clamp_outputs(first, (int32_t)(y - first), p->activation_min, p->activation_max);
}
