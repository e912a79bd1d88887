/* RESIZE_NEAREST_NEIGHBOR, any element type.
 *
 *   y[n][oy][ox] = x[n][rows[oy]][columns[ox]]
 *
 * x [N][H][W]   y [N][OH][OW], of pixels of `pixel` bytes
 * n: batch   oy, ox: output row, column   b: byte of a pixel */
#include "tdl_kernels.h"

void tdl_resize_nearest_neighbor(const tdl_resize_nearest_neighbor_params *p, const void *x, void *y) {
  const int8_t *image = (const int8_t *)x;
  int8_t *to = (int8_t *)y;
  const int32_t row_bytes = p->input_width * p->pixel;

  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      const int8_t *row = image + p->rows[oy] * row_bytes;
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        const int8_t *from = row + p->columns[ox] * p->pixel;
        for (int32_t b = 0; b < p->pixel; b++) *to++ = from[b];
      }
    }
    image += p->input_height * row_bytes;
  }
}
