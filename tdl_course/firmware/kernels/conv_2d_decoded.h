/* conv_2d_decoded.h: CONV_2D, int8, with weights that are decoded for conv_2d_columns.h.
 *
 * The formula is in conv_2d_loops.h. Some output channels after the other are decoded into scratch memory, then take
 * their way over the whole image: what decoding costs is shared by all pixels, what unpacking the windows costs is paid
 * once for each turn. Weights come in the order of conv_2d_columns.h: of two channels four weights each, and so on.
 *
 *   scratch: [output_channels][groups] decoded weights, then what conv_2d_columns.h needs
 *
 * The file that includes this one defines `params`, a struct with the fields of tdl_conv_2d_columns_params and
 * layer_channels, first_channel; a type `decoder`; and `decode(from, groups, weights)`, which writes that many groups of
 * two channels and moves `from` on. */
#ifndef CONV_2D_DECODED_H
#define CONV_2D_DECODED_H

static void multiply_decoded(const params *p, const int8_t *x, int8_t *y, void *scratch);
#define CONV_2D_COLUMNS multiply_decoded
static inline int32_t layer_channels(const params *p) { return p->layer_channels; }
static inline int32_t first_channel(const params *p) { return p->first_channel; }

#include "conv_2d_columns.h"

static inline void conv_2d_decoded(const params *p, decoder *from, const int8_t *x, int8_t *y, int32_t *weights) {
  params part = *p; /* the channels that are decoded: the layer's parameters, changed for each turn */
  part.weights = weights;
  part.activation_min = INT8_MIN;
  part.activation_max = INT8_MAX;
  for (int32_t left = p->layer_channels; left > 0; left -= p->output_channels) {
    if (left <= p->output_channels) { /* the last ones: all that is written is clamped behind them */
      part.output_channels = left;
      part.activation_min = p->activation_min;
      part.activation_max = p->activation_max;
    }
    decode(from, (part.output_channels + 1) / 2 * p->groups, weights);
    multiply_decoded(&part, x, y, weights + p->output_channels * p->groups);
    part.first_channel += p->output_channels;
    part.channels += p->output_channels * TDL_CHANNEL;
  }
}

#endif
