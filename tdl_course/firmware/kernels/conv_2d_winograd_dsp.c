/* CONV_2D of 3 x 3 with stride 1, int8, by Winograd's F(2x2, 3x3): the formula it equals is in conv_2d_loops.h.
 *
 * A tile is 2 x 2 outputs of one channel; it sees a window d of 4 x 4 values of each input channel. With the kernel g,
 *
 *   U = G g G'    V = B d B'    M = sum over input channels of U * V, each position for itself    Y = A M A'
 *
 *       [ 1 -1  1 ]        [ 0 -1  1  0 ]
 *   G = [ 2  0  0 ]    B = [ 1  0 -1  0 ]    A = [  1  1  1  0 ]    (' transposes)
 *       [ 1  1  1 ]        [ 0  1  1  0 ]        [ -1  0  1  1 ]
 *       [ 0  0  2 ]        [ 0 -1  0  1 ]
 *
 * Y is 4 times the tile: 16 products for each input channel, where the sums themselves have 36. G is twice Winograd's,
 * so that all are integers and nothing is rounded: U is at most 9 * 128, V at most 4 * 128. Y fits 32 bits, as the
 * compiler has proved; what leads to it may wrap. His rows are in another order, and some have the other sign, so that
 * M can be summed up in pairs: see tdl_block_winograd.h.
 *
 * Three tiles make a block, so that each word of weights serves three times.
 *
 *   scratch  values V, then sums of M, as in tdl_block_winograd.h; before these, in their place a window as int8
 *            [4][4][input_channels]
 *   weights  U [output_channels / 2][TDL_POSITIONS][input_channels / 2][2], filled up to an even number of channels
 *   channels [output_channels][TDL_CHANNEL], of which TDL_START is 4 times the bias
 *
 * All of a block's windows are read before any of its outputs is written. */
#include "tdl_block_winograd.h"
#include "tdl_kernels.h"
#include "tdl_window.h"

typedef tdl_conv_2d_winograd_params params;

/* Writes down the window at (iy, ix), padding filled in. A pixel is a multiple of 8 bytes: two words a turn. */
static const int8_t *written_down(const params *p, const int8_t *x, int32_t iy, int32_t ix, int8_t *room) {
  const tdl_taps rows = tdl_taps_inside(iy, TDL_WINDOW, 1, p->input_height);
  const tdl_taps inside = tdl_taps_inside(ix, TDL_WINDOW, 1, p->input_width);
  const int32_t channels = p->input_channels;
  const int32_t zeros = (int32_t)((uint32_t)(uint8_t)p->input_zero_point * 0x01010101u);
  for (int8_t *to = room; to < room + TDL_POSITIONS * channels; to += 8) {
    __builtin_memcpy(to, &zeros, 4);
    __builtin_memcpy(to + 4, &zeros, 4);
  }
  for (int32_t ky = rows.begin; ky < rows.end; ky++) {
    const int8_t *from = x + ((iy + ky) * p->input_width + ix + inside.begin) * channels;
    int8_t *to = room + (TDL_WINDOW * ky + inside.begin) * channels;
    for (const int8_t *end = to + (inside.end - inside.begin) * channels; to < end; to += 8, from += 8) {
      const int32_t words[2] = {tdl_load(from), tdl_load(from + 4)};
      __builtin_memcpy(to, words, 8);
    }
  }
  return room;
}

/* All channels of `count` tiles whose values are ready. What the others' places hold is multiplied too, and not kept,
 * as is the channel that fills up an odd number. */
static void multiply(const params *p, int32_t *values, tdl_tile *tiles, int32_t count) {
  const int32_t *weights = p->weights, *channel = p->channels;
  const int32_t *const sums = values + p->input_channels / 2 * TDL_PLANE;
  for (int32_t left = p->output_channels; left > 0; left -= 2) {
    weights = tdl_winograd_multiply(values, p->input_channels / 2, weights);
    for (int32_t i = 0; i < (left > 1 ? 2 : 1); i++, channel += TDL_CHANNEL)
      tdl_winograd_outputs(sums + TDL_PLANE * i, channel, tiles, tiles + count);
  }
}

void tdl_conv_2d_winograd_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t channels = p->input_channels, outputs = p->output_channels;
  const int32_t row = p->input_width * channels, output_row = p->output_width * outputs;
  int32_t *const values = scratch;
  int8_t *const room = (int8_t *)(values + channels / 2 * TDL_PLANE);
  int8_t *const first = y;
  tdl_tile tiles[TDL_TILES];
  int32_t waiting = 0, left = p->batches * ((p->output_height + 1) / 2) * ((p->output_width + 1) / 2);

  for (int32_t n = 0; n < p->batches; n++, x += p->input_height * row) {
    for (int32_t oy = 0; oy < p->output_height; oy += 2) {
      const int32_t iy = oy - p->pad_height, down = p->output_height - oy > 1 ? output_row : 0;
      const int32_t right = iy >= 0 && iy <= p->input_height - TDL_WINDOW ? p->input_width - TDL_WINDOW : -1;
      int8_t *to = y;
      for (int32_t ox = 0; ox < p->output_width; ox += 2, to += 2 * outputs) {
        const int32_t ix = ox - p->pad_width, inside = ix >= 0 && ix <= right;
        const int8_t *const window = inside ? x + iy * row + ix * channels : written_down(p, x, iy, ix, room);
        tdl_winograd_values(window, inside ? row : TDL_WINDOW * channels, channels, values + waiting);
        tiles[waiting++] = (tdl_tile){to, down, p->output_width - ox > 1 ? outputs : 0};
        if (waiting == TDL_TILES || waiting == left) {
          multiply(p, values, tiles, waiting);
          left -= waiting;
          waiting = 0;
        }
      }
      y += output_row + down;
    }
  }
  tdl_clamp_outputs(first, (int32_t)(y - first), p->activation_min, p->activation_max);
}
