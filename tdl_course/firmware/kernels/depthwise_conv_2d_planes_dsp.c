/* DEPTHWISE_CONV_2D, int8, depth_multiplier 1: the formula is in depthwise_conv_2d_loops.h.
 *
 * Two channels at a time are taken out of the image, each into a plane of int16, padding around it. There two neighbours
 * fill a word, and SMLAD multiplies both by two taps. The outputs go where the channel's inputs were, or would be:
 * nothing else of the image is written, so that x and y may be one.
 *
 * plane, of windows of 3 x 3: strips [plane_width / 2][plane_height][2], see tdl_block_filter.h;
 *        of others: rows [plane_height][plane_width]; behind it lies what may be read and does not count
 * weights [channels][kernel_height][pairs] words of two taps, twice their values   constants [channels][TDL_CHANNEL] */
#include "tdl_block_filter.h"
#include "tdl_kernels.h"

typedef tdl_depthwise_conv_2d_planes_params params;

/* One column of two channels, beside padding. */
static void take_halfwords(const params *p, const int8_t *x, int16_t *first, int16_t *second) {
  for (int32_t left = p->input_height; left > 0; left--) {
    *first = x[0];
    *second = x[1];
    first += 2;
    second += 2;
    x += p->input_row;
  }
}

/* Two channels into strips of two planes. */
static void take_strips(const params *p, const int8_t *x, int16_t *first, int16_t *second) {
  const int32_t end = p->pad_width + p->input_width;
  for (int32_t column = p->pad_width; column < end; column++, x += p->input_column) {
    const int32_t at = (column & ~1) * p->plane_height + 2 * p->pad_height;
    if ((column & 1) == 0 && column + 1 < end) {
      tdl_take_strips(x, p->input_column, p->input_row, p->input_height, (int32_t *)(void *)(first + at),
                      (int32_t *)(void *)(second + at));
      column++;
      x += p->input_column;
    } else {
      take_halfwords(p, x, first + at + (column & 1), second + at + (column & 1));
    }
  }
}

/* Two channels into rows of two planes. */
static void take_rows(const params *p, const int8_t *x, int16_t *first, int16_t *second) {
  const int32_t corner = p->pad_height * p->plane_width + p->pad_width;
  for (int32_t row = 0; row < p->input_height; row++, x += p->input_row) {
    const int8_t *from = x;
    int16_t *to = first + corner + row * p->plane_width, *other = second + corner + row * p->plane_width;
    for (int32_t left = p->input_width; left > 0; left--, from += p->input_column) *to++ = from[0], *other++ = from[1];
  }
}

/* A window of 3 x 3: what is the same for all channels, of the pairs of output columns and of a last one by itself. */
static void prepare(const params *p, const int16_t *plane, tdl_filter *f) {
  const int32_t stride = p->three_by_three, pairs = p->output_width / 2;
  const int32_t *const strips = (const int32_t *)(const void *)plane;
  const tdl_filter two = {p->output_row,
                          p->output_column,
                          4 * stride * p->output_height,
                          4 * stride * (p->plane_height - p->output_height),
                          2 * p->output_column - p->output_height * p->output_row,
                          pairs,
                          strips,
                          4 * p->plane_height,
                          0,
                          0,
                          0};
  f[0] = f[1] = two;
  f[1].second = 0;
  f[1].pairs = 1;
  f[1].a += stride * p->plane_height * pairs;
}

/* One channel by such a window. */
static void three_by_three(const params *p, tdl_filter *f, const int32_t *w, const int32_t *constants, int8_t *y) {
  for (int32_t i = p->output_width == 1; i <= (p->output_width & 1); i++) {
    f[i].y = y + i * (p->output_width - 1) * p->output_column;
    f[i].constants = constants;
    f[i].weights = w;
    if (p->three_by_three == 1)
      tdl_filter_by_1(f + i);
    else
      tdl_filter_by_2(f + i);
  }
}

/* Two outputs' sums with one word of weights. */
#define TDL_TWO(i) \
  one = tdl_smlad(tdl_load(x + 2 * (i)), w[i], one), two = tdl_smlad(tdl_load(x + second + 2 * (i)), w[i], two)

/* Any window, two outputs of a row at a time: they share the weights. Its size is known where it is a usual one. */
static inline __attribute__((always_inline)) void windows(const params *p, const int16_t *plane, const int32_t *weights,
                                                          const int32_t *constants, int8_t *y, int32_t kernel_height,
                                                          int32_t pairs) {
  const int32_t down = p->dilation_height * p->plane_width, stride = p->stride_width, column = p->output_column;
  const int32_t width = p->output_width, row_step = p->output_row;
  const int32_t window_step = p->stride_height * p->plane_width;
  for (int32_t row = p->output_height; row > 0; row--, plane += window_step, y += row_step) {
    const int16_t *window = plane;
    int8_t *to = y;
    for (int32_t left = width; left > 0; left -= 2) {
      const int32_t second = left > 1 ? stride : 0, next = left > 1 ? column : 0;
      const int16_t *x = window;
      const int32_t *w = weights;
      int32_t one = constants[TDL_START], two = one;
      for (int32_t ky = kernel_height; ky > 0; ky--, x += down, w += pairs) {
        TDL_TWO(0);
        if (pairs > 1) TDL_TWO(1);
        if (pairs > 2) TDL_TWO(2);
        for (int32_t i = 3; i < pairs; i++) TDL_TWO(i);
      }
      to[next] = (int8_t)tdl_output(two, constants);
      to[0] = (int8_t)tdl_output(one, constants);
      to += 2 * next;
      window += 2 * second;
    }
  }
}

static void any_window(const params *p, const int16_t *plane, const int32_t *weights, const int32_t *constants,
                       int8_t *y) {
  if (p->kernel_height == 1 && p->pairs == 3)
    windows(p, plane, weights, constants, y, 1, 3);
  else if (p->kernel_height == 1)
    windows(p, plane, weights, constants, y, 1, p->pairs);
  else if (p->pairs == 3)
    windows(p, plane, weights, constants, y, p->kernel_height, 3);
  else
    windows(p, plane, weights, constants, y, p->kernel_height, p->pairs);
}

/* One channel, whose plane is ready. */
static void channel(const params *p, tdl_filter *f, const int16_t *plane, int32_t c, int8_t *y) {
  const int32_t *const w = p->weights + c * p->kernel_height * p->pairs;
  const int32_t *const constants = p->constants + c * TDL_CHANNEL;
  if (p->three_by_three > 0)
    three_by_three(p, f, w, constants, y + c);
  else
    any_window(p, plane, w, constants, y + c);
}

void tdl_depthwise_conv_2d_planes_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t size = p->plane_height * p->plane_width, outputs = p->output_height * p->output_width * p->channels;
  int16_t *const planes[2] = {scratch, (int16_t *)scratch + size};
  tdl_filter filters[2][2];
  for (int32_t i = 0; i < 2 * size; i++) planes[0][i] = (int16_t)p->input_zero_point;
  prepare(p, planes[0], filters[0]);
  prepare(p, planes[1], filters[1]);

  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t c = 0; c < p->channels; c += 2) {
      const int32_t lone = c + 1 == p->channels; /* the last of an odd number, taken out with the one before it */
      const int32_t from = lone && c > 0 ? c - 1 : c;
      if (p->three_by_three > 0)
        take_strips(p, x + from, planes[0], planes[1]);
      else
        take_rows(p, x + from, planes[0], planes[1]);
      for (int32_t k = c; k < c + 2 - lone; k++) channel(p, filters[k - from], planes[k - from], k, y);
    }
    tdl_clamp_outputs(y, outputs, p->activation_min, p->activation_max);
    x += p->image;
    y += outputs;
  }
}
