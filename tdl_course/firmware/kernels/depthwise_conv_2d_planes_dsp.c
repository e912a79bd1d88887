/* DEPTHWISE_CONV_2D, int8, depth_multiplier 1: the formula is in depthwise_conv_2d_loops.h.
 *
 * One channel after the other is taken out of the image into a plane of int16, padding around it. There neighbouring
 * values of a row fill a word, and SMLAD multiplies two of them by two taps. The outputs go where the channel's inputs
 * were, or would be: nothing else of the image is written, so that x and y may be one.
 *
 *   plane [plane_height][plane_width], and two words more, which may be read and do not count
 *   weights [channels][kernel_height][pairs] words of two taps, twice their values; a last tap alone is a pair with zero.
 *   Of 3 taps the pairs are (w0, w1) and (w1, w2)   constants [channels][TDL_CHANNEL]
 *
 * Sums are twice what they stand for, as tdl_output takes them. */
#include "tdl_kernels.h"
#include "tdl_pairs.h"

typedef tdl_depthwise_conv_2d_planes_params params;

/* The channel that begins at x, inside the padding. Four values a turn: their loads follow each other. */
static void take_out(const params *p, const int8_t *x, int16_t *plane) {
  const int32_t step = p->input_column;
  plane += p->pad_height * p->plane_width + p->pad_width;
  for (int32_t row = p->input_height; row > 0; row--) {
    const int8_t *from = x;
    int16_t *to = plane;
    int32_t left = p->input_width;
    for (; left >= 4; left -= 4) {
      const int16_t a = from[0], b = from[step], c = from[2 * step], d = from[3 * step];
      to[0] = a, to[1] = b, to[2] = c, to[3] = d;
      to += 4;
      from += 4 * step;
    }
    for (; left > 0; left--, from += step) *to++ = *from;
    x += p->input_row;
    plane += p->plane_width;
  }
}

/* 3 x 3 taps, two outputs of a row at a time. `stride` is 1 or 2, a constant at each call. A word of the plane has
 * columns 0 and 1; the second output begins at column `stride`. */
static inline __attribute__((always_inline)) void three_by_three(const params *p, const int16_t *plane, const int32_t *w,
                                                                 const int32_t *constants, int8_t *y, int32_t stride) {
  const int32_t w00 = w[0], w01 = w[1], w10 = w[2], w11 = w[3], w20 = w[4], w21 = w[5];
  for (int32_t row = p->output_height; row > 0; row--) {
    const int16_t *x0 = plane, *x1 = x0 + p->plane_width, *x2 = x1 + p->plane_width;
    int8_t *to = y;
    for (int32_t left = p->output_width; left > 0; left -= 2) {
      int32_t one = constants[TDL_START], two = one;
      one = tdl_smlad(tdl_load(x0), w00, one), one = tdl_smlabt(tdl_load(x0 + 2), w01, one);
      one = tdl_smlad(tdl_load(x1), w10, one), one = tdl_smlabt(tdl_load(x1 + 2), w11, one);
      one = tdl_smlad(tdl_load(x2), w20, one), one = tdl_smlabt(tdl_load(x2 + 2), w21, one);
      if (stride == 1) {
        two = tdl_smlatb(tdl_load(x0), w00, two), two = tdl_smlad(tdl_load(x0 + 2), w01, two);
        two = tdl_smlatb(tdl_load(x1), w10, two), two = tdl_smlad(tdl_load(x1 + 2), w11, two);
        two = tdl_smlatb(tdl_load(x2), w20, two), two = tdl_smlad(tdl_load(x2 + 2), w21, two);
      } else {
        two = tdl_smlad(tdl_load(x0 + 2), w00, two), two = tdl_smlabt(tdl_load(x0 + 4), w01, two);
        two = tdl_smlad(tdl_load(x1 + 2), w10, two), two = tdl_smlabt(tdl_load(x1 + 4), w11, two);
        two = tdl_smlad(tdl_load(x2 + 2), w20, two), two = tdl_smlabt(tdl_load(x2 + 4), w21, two);
      }
      int8_t *const next = to + p->output_column;
      *(left > 1 ? next : to) = (int8_t)tdl_output(two, constants); /* beyond the last one, the first goes over it */
      *to = (int8_t)tdl_output(one, constants);
      to = next + p->output_column;
      x0 += 2 * stride, x1 += 2 * stride, x2 += 2 * stride;
    }
    y += p->output_row;
    plane += stride * p->plane_width;
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
      take_out(p, x + c, plane);
      if (p->three_by_three == 1)
        three_by_three(p, plane, w, constants, y + c, 1);
      else if (p->three_by_three == 2)
        three_by_three(p, plane, w, constants, y + c, 2);
      else
        any_window(p, plane, w, constants, y + c);
      w += p->kernel_height * p->pairs;
      constants += TDL_CHANNEL;
    }
    tdl_clamp_outputs(y, outputs, p->activation_min, p->activation_max);
    x += p->image;
    y += outputs;
  }
}
