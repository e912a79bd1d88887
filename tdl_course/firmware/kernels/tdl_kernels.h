/* tdl_kernels.h: the kernels of the inference engine and their parameter structs.
 *
 * Every kernel computes one operator: kernel(&params, inputs..., outputs...). Images are NHWC: batch, row (y), column
 * (x), channel, the channel running fastest. Parameters are constants that the compiler wrote into flash; kernels keep
 * no state. Real value = scale * (q - zero_point). Field order equals that of `kernel_call` in tdl_course/ops. */
#ifndef TDL_KERNELS_H
#define TDL_KERNELS_H

#include <stdint.h>

_Static_assert(sizeof(int8_t) == 1 && sizeof(int32_t) == 4, "layouts assume 8-bit bytes");

/* Types of numbers: _s8 has int8 values, int8 weights and int32 biases; _s4 the same with int4 weights, two in a byte,
 * the first in its low half; _s16 has int16 values of zero point 0, int8 weights and int64 biases. */

/* CONV_2D. weights [output_channels][kernel_height][kernel_width][kernel_channels]; bias, multiplier and shift
 * [output_channels]; bias may be null. input_channels / kernel_channels groups of channels. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width; /* above and left of the input */
  int32_t input_channels, output_channels, kernel_channels;
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
  const int8_t *weights;
  const void *bias;
  const int32_t *multiplier;
  const int32_t *shift;
} tdl_conv_2d_params;
void tdl_conv_2d_s8(const tdl_conv_2d_params *p, const int8_t *x, int8_t *y);
void tdl_conv_2d_s4(const tdl_conv_2d_params *p, const int8_t *x, int8_t *y);
void tdl_conv_2d_s16(const tdl_conv_2d_params *p, const int16_t *x, int16_t *y);

/* DEPTHWISE_CONV_2D. weights [kernel_height][kernel_width][input_channels * depth_multiplier]. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, depth_multiplier;
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
  const int8_t *weights;
  const void *bias;
  const int32_t *multiplier;
  const int32_t *shift;
} tdl_depthwise_conv_2d_params;
void tdl_depthwise_conv_2d_s8(const tdl_depthwise_conv_2d_params *p, const int8_t *x, int8_t *y);
void tdl_depthwise_conv_2d_s4(const tdl_depthwise_conv_2d_params *p, const int8_t *x, int8_t *y);
void tdl_depthwise_conv_2d_s16(const tdl_depthwise_conv_2d_params *p, const int16_t *x, int16_t *y);

/* FULLY_CONNECTED. weights [outputs][inputs]; bias, multiplier and shift [outputs]; bias may be null. */
typedef struct {
  int32_t rows, inputs, outputs;
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
  const int8_t *weights;
  const void *bias;
  const int32_t *multiplier;
  const int32_t *shift;
} tdl_fully_connected_params;
void tdl_fully_connected_s8(const tdl_fully_connected_params *p, const int8_t *x, int8_t *y);
void tdl_fully_connected_s4(const tdl_fully_connected_params *p, const int8_t *x, int8_t *y);
void tdl_fully_connected_s16(const tdl_fully_connected_params *p, const int16_t *x, int16_t *y);

/* MAX_POOL_2D and AVERAGE_POOL_2D. TFLite's poolings have dilation 1. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t channels;
  int32_t activation_min, activation_max;
} tdl_pool_2d_params;
void tdl_max_pool_2d_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y);
void tdl_max_pool_2d_s16(const tdl_pool_2d_params *p, const int16_t *x, int16_t *y);
void tdl_average_pool_2d_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y);
void tdl_average_pool_2d_s16(const tdl_pool_2d_params *p, const int16_t *x, int16_t *y);

/* MEAN and SUM: each output is the sum over `runs` runs of `length` values, `step` apart; runs along the outer axes. */
typedef struct {
  int32_t outputs;
  int32_t kept_axes;
  const int32_t *kept_lengths; /* [kept_axes] */
  const int32_t *kept_x_steps;
  int32_t runs, length, step;
  int32_t outer_axes;
  const int32_t *outer_lengths; /* [outer_axes] */
  const int32_t *outer_x_steps;
  int32_t input_zero_point, output_zero_point;
  int32_t multiplier, shift; /* input scale / output scale, of MEAN / (runs * length) */
} tdl_reduce_params;
void tdl_reduce_s8(const tdl_reduce_params *p, const int8_t *x, int8_t *y);
void tdl_reduce_s16(const tdl_reduce_params *p, const int16_t *x, int16_t *y);

/* ARG_MAX over the middle axis of x [outer][depth][inner]. */
typedef struct {
  int32_t outer, depth, inner;
} tdl_arg_max_params;
void tdl_arg_max_s8(const tdl_arg_max_params *p, const int8_t *x, int32_t *y);

/* SOFTMAX over x [rows][depth]; y has scale 1/256 and zero point -128. May run in place. */
typedef struct {
  int32_t rows, depth;
  int32_t input_multiplier, input_shift; /* difference of inputs -> Q5.26 */
  int32_t smallest_difference;           /* smaller ones have no weight */
} tdl_softmax_params;
void tdl_softmax_s8(const tdl_softmax_params *p, const int8_t *x, int8_t *y);

/* SOFTMAX of int16; y has scale 1/32768. Tables of exp and 1 / (1 + x), [513] each. May run in place. */
typedef struct {
  int32_t rows, depth;
  int32_t input_multiplier, input_shift; /* difference of inputs -> steps of 10/65535 */
  const int16_t *exponential;
  const int16_t *reciprocal;
} tdl_softmax_s16_params;
void tdl_softmax_s16(const tdl_softmax_s16_params *p, const int16_t *x, int16_t *y);

/* RESHAPE, SQUEEZE, EXPAND_DIMS, any element type. In place it copies nothing. */
typedef struct {
  int32_t bytes;
} tdl_copy_params;
void tdl_copy(const tdl_copy_params *p, const void *x, void *y);

/* ADD and SUB; y [rows][length], rows along the outer axes. A step of 0 repeats an operand; the kernel may run in place
 * of one that is not repeated. */
typedef struct {
  int32_t rows, length, a_step, b_step;
  int32_t outer_axes;
  const int32_t *outer_lengths; /* [outer_axes], as all three */
  const int32_t *outer_a_steps;
  const int32_t *outer_b_steps;
  int32_t a_zero_point, a_multiplier, a_shift; /* a scale / common scale */
  int32_t b_sign;                              /* 1: ADD, -1: SUB */
  int32_t b_zero_point, b_multiplier, b_shift;
  int32_t output_zero_point, output_multiplier, output_shift; /* common scale / (output scale * EXTRA) */
  int32_t activation_min, activation_max;
} tdl_add_params;
void tdl_add_s8(const tdl_add_params *p, const int8_t *a, const int8_t *b, int8_t *y);
void tdl_add_s16(const tdl_add_params *p, const int16_t *a, const int16_t *b, int16_t *y);

/* MUL; a and b as in ADD. */
typedef struct {
  int32_t rows, length, a_step, b_step;
  int32_t outer_axes;
  const int32_t *outer_lengths;
  const int32_t *outer_a_steps;
  const int32_t *outer_b_steps;
  int32_t a_zero_point, b_zero_point, output_zero_point;
  int32_t multiplier, shift; /* a scale * b scale / output scale */
  int32_t activation_min, activation_max;
} tdl_mul_params;
void tdl_mul_s8(const tdl_mul_params *p, const int8_t *a, const int8_t *b, int8_t *y);
void tdl_mul_s16(const tdl_mul_params *p, const int16_t *a, const int16_t *b, int16_t *y);

/* PRELU; a and the slopes b as in ADD. */
typedef struct {
  int32_t rows, length, a_step, b_step;
  int32_t outer_axes;
  const int32_t *outer_lengths;
  const int32_t *outer_a_steps;
  const int32_t *outer_b_steps;
  int32_t a_zero_point, b_zero_point, output_zero_point;
  int32_t positive_multiplier, positive_shift; /* a scale / output scale */
  int32_t negative_multiplier, negative_shift; /* a scale * b scale / output scale */
} tdl_prelu_params;
void tdl_prelu_s8(const tdl_prelu_params *p, const int8_t *a, const int8_t *b, int8_t *y);

/* Functions of one int8 value, from ADD of a number to TANH. May run in place. */
typedef struct {
  int32_t size;
  const int8_t *table; /* [256]: of -128, -127, ... 127 */
} tdl_lookup_params;
void tdl_lookup_s8(const tdl_lookup_params *p, const int8_t *x, int8_t *y);

/* LEAKY_RELU of int16. May run in place. */
typedef struct {
  int32_t size;
  int32_t positive_multiplier, positive_shift; /* x scale / y scale */
  int32_t negative_multiplier, negative_shift; /* |alpha| * x scale / y scale */
  int32_t negative_sign;                       /* of alpha: 1 or -1 */
} tdl_leaky_relu_params;
void tdl_leaky_relu_s16(const tdl_leaky_relu_params *p, const int16_t *x, int16_t *y);

/* LOGISTIC and TANH of int16; y has scale 1/32768. May run in place. */
typedef struct {
  int32_t size;
  int32_t multiplier, shift; /* x -> steps of 1/12288 */
  const uint16_t *table;     /* [256]: logistic(i / 24) in Q0.16 */
} tdl_sigmoid_s16_params;
void tdl_logistic_s16(const tdl_sigmoid_s16_params *p, const int16_t *x, int16_t *y);
void tdl_tanh_s16(const tdl_sigmoid_s16_params *p, const int16_t *x, int16_t *y);

/* PAD and PADV2, any element type: x in runs with borders around them, all in bytes. See pad_ref.c. */
typedef struct {
  int32_t run, before, after;
  int32_t value; /* the border's element, repeated to four bytes */
  int32_t axes;
  const int32_t *length;
  const int32_t *between;
} tdl_pad_params;
void tdl_pad(const tdl_pad_params *p, const void *x, void *y);

/* RELU, RELU6, and QUANTIZE between integers, not both int8. May run in place where y is no wider than x. */
typedef struct {
  int32_t size;
  int32_t input_zero_point, output_zero_point;
  int32_t multiplier, shift; /* input scale / output scale */
  int32_t activation_min, activation_max;
} tdl_rescale_params;
void tdl_rescale_s16(const tdl_rescale_params *p, const int16_t *x, int16_t *y);
void tdl_rescale_s16_s8(const tdl_rescale_params *p, const int16_t *x, int8_t *y);
void tdl_rescale_s8_s16(const tdl_rescale_params *p, const int8_t *x, int16_t *y);
void tdl_rescale_s8_u8(const tdl_rescale_params *p, const int8_t *x, uint8_t *y);
void tdl_rescale_u8_s8(const tdl_rescale_params *p, const uint8_t *x, int8_t *y);

/* QUANTIZE from float32, which may run in place, and DEQUANTIZE. */
typedef struct {
  int32_t size;
  float scale;
  int32_t zero_point;
} tdl_quantize_params;
void tdl_quantize_f32_s8(const tdl_quantize_params *p, const float *x, int8_t *y);
void tdl_quantize_f32_s16(const tdl_quantize_params *p, const float *x, int16_t *y);
void tdl_dequantize_s8_f32(const tdl_quantize_params *p, const int8_t *x, float *y);
void tdl_dequantize_s16_f32(const tdl_quantize_params *p, const int16_t *x, float *y);

/* The most axes of a tensor, or of a walk over one. */
enum { TDL_MAX_AXES = 8 };

/* TRANSPOSE and STRIDED_SLICE, any element type: runs of x, met on a walk, all in bytes. See strided_copy_ref.c. */
typedef struct {
  int32_t start, run;
  int32_t axes;
  const int32_t *length;
  const int32_t *step;
} tdl_strided_copy_params;
void tdl_strided_copy(const tdl_strided_copy_params *p, const void *x, void *y);

/* CONCATENATION, any element type. x_k [outer][rows[k]] in bytes for k < count; arguments x_0, x_1, ..., y. */
typedef struct {
  int32_t outer, count;
  const int32_t *rows;
} tdl_concatenation_params;
void tdl_concatenation(const tdl_concatenation_params *p, ...);

/* SPLIT, any element type. x [outer][count * row] in bytes; arguments y_0, y_1, ... for k < count. */
typedef struct {
  int32_t outer, count, row;
} tdl_split_params;
void tdl_split(const tdl_split_params *p, const void *x, ...);

/* RESIZE_NEAREST_NEIGHBOR, any element type. rows [output_height] and columns [output_width]: places in the input. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t pixel; /* bytes */
  const int16_t *rows;
  const int16_t *columns;
} tdl_resize_nearest_neighbor_params;
void tdl_resize_nearest_neighbor(const tdl_resize_nearest_neighbor_params *p, const void *x, void *y);

/* RESIZE_BILINEAR. Output row o lies at o * step_height + first_height, in 1024th parts of an input row. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t channels;
  int32_t step_height, first_height;
  int32_t step_width, first_width;
} tdl_resize_bilinear_params;
void tdl_resize_bilinear_s8(const tdl_resize_bilinear_params *p, const int8_t *x, int8_t *y);

/* TRANSPOSE_CONV. weights [output_channels][kernel_height][kernel_width][input_channels]; dilation is 1. The padding is
 * cut off the output. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, output_channels;
  int32_t input_zero_point, output_zero_point;
  int32_t activation_min, activation_max;
  const int8_t *weights;
  const void *bias;
  const int32_t *multiplier;
  const int32_t *shift;
} tdl_transpose_conv_params;
void tdl_transpose_conv_s8(const tdl_transpose_conv_params *p, const int8_t *x, int8_t *y);

#include "tdl_kernels_fast.h"

#endif
