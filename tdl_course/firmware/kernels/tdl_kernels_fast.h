/* tdl_kernels_fast.h: kernels of int8 that the compiler chooses where they are the fastest or the smallest, and their
 * parameter structs.
 *
 * `scratch` is memory that a kernel works in, aligned to 4. Weights are packed, and each channel's constants lie side by
 * side: see tdl_pairs.h. Field order equals that of `kernel_call` in tdl_course/kernels. */
#ifndef TDL_KERNELS_FAST_H
#define TDL_KERNELS_FAST_H

#include "tdl_kernels.h"

/* CONV_2D, and FULLY_CONNECTED of many rows: see conv_2d_columns_dsp.c. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, output_channels;
  int32_t groups;           /* of four values in a window */
  int32_t run, rest;        /* groups in a kernel row, and what they leave of it */
  int32_t input_zero_point; /* what padding is worth */
  int32_t activation_min, activation_max;
  const int32_t *weights;
  const int32_t *channels;
} tdl_conv_2d_columns_params;
void tdl_conv_2d_columns_s8(const tdl_conv_2d_columns_params *p, const int8_t *x, int8_t *y, void *scratch);

/* CONV_2D with weights as indices into a codebook: see conv_2d_codebook_dsp.c. Fields that have the names of those above
 * are theirs, of `output_channels` channels that are decoded at a time. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, output_channels;
  int32_t groups;
  int32_t run, rest;
  int32_t input_zero_point;
  int32_t activation_min, activation_max;
  const int32_t *weights; /* null: where they are decoded is set by the kernel */
  const int32_t *channels;
  int32_t layer_channels, first_channel; /* in all; 0 */
  const uint32_t *packed;
  const int8_t *book; /* 16 */
} tdl_conv_2d_codebook_params;
void tdl_conv_2d_codebook_s8(const tdl_conv_2d_codebook_params *p, const int8_t *x, int8_t *y, void *scratch);

/* CONV_2D with weights as a Huffman code: see conv_2d_huffman_dsp.c. Fields as above. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, output_channels;
  int32_t groups;
  int32_t run, rest;
  int32_t input_zero_point;
  int32_t activation_min, activation_max;
  const int32_t *weights; /* null: where they are decoded is set by the kernel */
  const int32_t *channels;
  int32_t layer_channels, first_channel; /* in all; 0 */
  const uint16_t *stream;
  const int8_t *symbols; /* in the order of their codes */
  const uint16_t *last;  /* of a length */
  const uint8_t *offset; /* of a length */
  const uint8_t *start;  /* 32 */
} tdl_conv_2d_huffman_params;
void tdl_conv_2d_huffman_s8(const tdl_conv_2d_huffman_params *p, const int8_t *x, int8_t *y, void *scratch);

/* CONV_2D of 3 x 3 with stride 1: see conv_2d_winograd_dsp.c. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, output_channels; /* input_channels: a multiple of 8 */
  int32_t input_zero_point;                /* what padding is worth */
  int32_t activation_min, activation_max;
  const int32_t *weights;
  const int32_t *channels;
} tdl_conv_2d_winograd_params;
void tdl_conv_2d_winograd_s8(const tdl_conv_2d_winograd_params *p, const int8_t *x, int8_t *y, void *scratch);

/* CONV_2D with weights of which few are not zero: see conv_2d_sparse_dsp.c. */
typedef struct {
  int32_t batches;
  int32_t input_height, input_width;
  int32_t output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_height, pad_width;
  int32_t input_channels, output_channels;
  int32_t input_zero_point; /* what padding is worth */
  int32_t activation_min, activation_max;
  const uint8_t *entries;
  const int32_t *channels;
} tdl_conv_2d_sparse_params;
void tdl_conv_2d_sparse_s8(const tdl_conv_2d_sparse_params *p, const int8_t *x, int8_t *y, void *scratch);

/* DEPTHWISE_CONV_2D with depth_multiplier 1, channel by channel: see depthwise_conv_2d_planes_dsp.c. `height` and `width`
 * are those of the plane, which may lie across the image. */
typedef struct {
  int32_t batches, image, channels;                           /* image: bytes of one input */
  int32_t input_height, input_width, input_row, input_column; /* steps in x from row to row, from column to column */
  int32_t output_height, output_width, output_row, output_column;
  int32_t kernel_height, pairs; /* pairs: words of weights in a kernel row */
  int32_t three_by_three;       /* the stride, 1 or 2, of a window of 3 x 3; 0: any window */
  int32_t stride_height, stride_width;
  int32_t dilation_height;
  int32_t pad_height, pad_width;
  int32_t plane_height, plane_width; /* with padding; the width is even */
  int32_t input_zero_point;          /* what padding is worth */
  int32_t activation_min, activation_max;
  const int32_t *weights;
  const int32_t *constants;
} tdl_depthwise_conv_2d_planes_params;
void tdl_depthwise_conv_2d_planes_s8(const tdl_depthwise_conv_2d_planes_params *p, const int8_t *x, int8_t *y,
                                     void *scratch);

/* FULLY_CONNECTED of a few rows, and CONV_2D of one output pixel: see fully_connected_rows_dsp.c. */
typedef struct {
  int32_t rows, inputs, outputs;
  int32_t groups;                   /* of four inputs */
  int32_t blocks_of_6, blocks_of_4; /* of outputs; the rest is computed with room to spare */
  int32_t activation_min, activation_max;
  const int32_t *weights;
  const int32_t *channels;
} tdl_fully_connected_rows_params;
void tdl_fully_connected_rows_s8(const tdl_fully_connected_rows_params *p, const int8_t *x, int8_t *y);

/* FULLY_CONNECTED with weights as indices into a codebook: see fully_connected_codebook_dsp.c. */
typedef struct {
  int32_t rows, inputs, outputs;
  int32_t words; /* of two inputs; a multiple of four */
  int32_t activation_min, activation_max;
  const uint32_t *packed;
  const int32_t *channels;
  const int8_t *book; /* 16 */
} tdl_fully_connected_codebook_params;
void tdl_fully_connected_codebook_s8(const tdl_fully_connected_codebook_params *p, const int8_t *x, int8_t *y,
                                     void *scratch);

/* FULLY_CONNECTED with weights as a Huffman code: see fully_connected_huffman_ref.c. */
typedef struct {
  int32_t rows, inputs, outputs;
  int32_t per_channel; /* 0: all channels have the first multiplier and shift */
  int32_t output_zero_point;
  int32_t activation_min, activation_max;
  const uint16_t *stream;
  const int8_t *symbols; /* in the order of their codes */
  const uint16_t *last;  /* of a length */
  const uint8_t *offset; /* of a length */
  const uint8_t *start;  /* 32 */
  const int32_t *bias;
  const int32_t *multiplier;
  const int32_t *shift;
} tdl_fully_connected_huffman_params;
void tdl_fully_connected_huffman_s8(const tdl_fully_connected_huffman_params *p, const int8_t *x, int8_t *y);

/* FULLY_CONNECTED with weights of which few are not zero: see fully_connected_sparse_dsp.c. */
typedef struct {
  int32_t rows, inputs, outputs;
  int32_t activation_min, activation_max;
  const uint8_t *entries;
  const int32_t *channels;
} tdl_fully_connected_sparse_params;
void tdl_fully_connected_sparse_s8(const tdl_fully_connected_sparse_params *p, const int8_t *x, int8_t *y);

/* ADD of one shape: see add_words_dsp.c. */
typedef struct {
  int32_t size;
  int32_t factor, start, multiplier, shift; /* of b's share */
  int32_t zero;                             /* of a's */
  int32_t output_multiplier, output_offset, output_shift;
  int32_t activation_min, activation_max;
} tdl_add_words_params;
void tdl_add_words_s8(const tdl_add_words_params *p, const int8_t *a, const int8_t *b, int8_t *y);

/* MAX_POOL_2D and AVERAGE_POOL_2D: see pool_2d_words.h. */
void tdl_max_pool_2d_words_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y);
void tdl_average_pool_2d_words_s8(const tdl_pool_2d_params *p, const int8_t *x, int8_t *y);

#endif
