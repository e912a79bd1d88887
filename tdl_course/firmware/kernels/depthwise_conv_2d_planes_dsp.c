/* DEPTHWISE_CONV_2D, int8, depth_multiplier 1: the formula is in depthwise_conv_2d_loops.h.
 *
 * One channel after the other is taken out of the image into a plane of int16, padding around it. There two neighbours
 * fill a word, and SMLAD multiplies both by two taps. The outputs go where the channel's inputs were, or would be:
 * nothing else of the image is written, so that x and y may be one.
 *
 * plane, of windows of 3 x 3: strips [plane_width / 2][plane_height][2], see tdl_block_filter.h;
 *        of others: rows [plane_height][plane_width]; behind it lies what may be read and does not count
 * weights [channels][kernel_height][pairs] words of two taps, twice their values   constants [channels][TDL_CHANNEL] */
#include "tdl_block_filter.h"
#include "tdl_kernels.h"

typedef tdl_depthwise_conv_2d_planes_params params;

/* One column of a channel, from x to the plane. Four values a turn: their loads follow each other. */
static inline __attribute__((always_inline)) void take_column(const params *p, const int8_t *x, int16_t *to,
                                                              int32_t step) {
  const int32_t row = p->input_row;
  int32_t left = p->input_height;
  for (; left >= 4; left -= 4) {
    const int16_t a = x[0], b = x[row], c = x[2 * row], d = x[3 * row];
    to[0] = a, to[step] = b, to[2 * step] = c, to[3 * step] = d;
    to += 4 * step;
    x += 4 * row;
  }
  for (; left > 0; left--, x += row, to += step) *to = *x;
}

static void take_strips(const params *p, const int8_t *x, int16_t *plane) {
  for (int32_t column = p->pad_width; column < p->pad_width + p->input_width; column++, x += p->input_column)
    take_column(p, x, plane + (column & ~1) * p->plane_height + (column & 1) + 2 * p->pad_height, 2);
}

static void take_rows(const params *p, const int8_t *x, int16_t *plane) {
  plane += p->pad_height * p->plane_width + p->pad_width;
  for (int32_t column = 0; column < p->input_width; column++, x += p->input_column)
    take_column(p, x, plane + column, p->plane_width);
}

/* A window of 3 x 3 that moves by p->three_by_three. */
static void three_by_three(const params *p, const int16_t *plane, const int32_t *w, const int32_t *constants,
                           int8_t *y) {
  const int32_t stride = p->three_by_three;
  const int32_t strip_bytes = 4 * p->plane_height, rows_bytes = 4 * stride * p->output_height;
  tdl_filter f = {constants[TDL_START],
                  constants[TDL_MULTIPLIER],
                  constants[TDL_OFFSET],
                  constants[TDL_SHIFT],
                  p->output_row,
                  p->output_column,
                  rows_bytes,
                  stride * strip_bytes - rows_bytes,
                  2 * p->output_column - p->output_height * p->output_row,
                  p->output_width / 2,
                  (const int32_t *)(const void *)plane,
                  strip_bytes,
                  y,
                  {w[0], w[1], w[2], w[3], w[4], w[5]}};
  for (int32_t odd = 0; odd < 2; odd++) { /* pairs of columns, then a last one by itself */
    if (f.pairs > 0 && stride == 1) tdl_filter_by_1(&f);
    if (f.pairs > 0 && stride == 2) tdl_filter_by_2(&f);
    f.a += stride * p->plane_height * f.pairs;
    f.y += 2 * p->output_column * f.pairs;
    f.pairs = p->output_width & 1;
    f.second = 0;
  }
}

/* Any number of taps, one output at a time. */
static void any_window(const params *p, const int16_t *plane, const int32_t *weights, const int32_t *constants,
                       int8_t *y) {
  for (int32_t row = 0; row < p->output_height; row++) {
    const int16_t *window = plane + row * p->stride_height * p->plane_width;
    int8_t *to = y + row * p->output_row;
    for (int32_t left = p->output_width; left > 0; left--) {
      const int16_t *x = window;
      const int32_t *w = weights;
      int32_t sum = constants[TDL_START];
      for (int32_t ky = p->kernel_height; ky > 0; ky--) {
        for (int32_t pair = 0; pair < p->pairs; pair++) sum = tdl_smlad(tdl_load(x + 2 * pair), *w++, sum);
        x += p->dilation_height * p->plane_width;
      }
      *to = (int8_t)tdl_output(sum, constants);
      to += p->output_column;
      window += p->stride_width;
    }
  }
}

void tdl_depthwise_conv_2d_planes_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  int16_t *const plane = scratch;
  const int32_t outputs = p->output_height * p->output_width * p->channels;
  for (int32_t i = 0; i < p->plane_height * p->plane_width; i++) plane[i] = (int16_t)p->input_zero_point;

  for (int32_t n = 0; n < p->batches; n++) {
    const int32_t *w = p->weights, *constants = p->constants;
    for (int32_t c = 0; c < p->channels; c++) {
      if (p->three_by_three > 0) {
        take_strips(p, x + c, plane);
        three_by_three(p, plane, w, constants, y + c);
      } else {
        take_rows(p, x + c, plane);
        any_window(p, plane, w, constants, y + c);
      }
      w += p->kernel_height * p->pairs;
      constants += TDL_CHANNEL;
    }
    tdl_clamp_outputs(y, outputs, p->activation_min, p->activation_max);
    x += p->image;
    y += outputs;
  }
}
