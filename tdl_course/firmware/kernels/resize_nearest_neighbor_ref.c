/* RESIZE_NEAREST_NEIGHBOR, any element type.
 *
 *   y[n][oy][ox] = x[n][rows[oy]][columns[ox]]
 *
 * x [N][H][W]   y [N][OH][OW], of pixels of `pixel` bytes
 * n: batch   oy, ox: output row, column */
#include "tdl_kernels.h"
#include "tdl_move.h"

void tdl_resize_nearest_neighbor(const tdl_resize_nearest_neighbor_params *p, const void *x, void *y) {
  const int8_t *image = (const int8_t *)x;
  int8_t *to = (int8_t *)y;
  const int16_t *columns = p->columns;
  const int32_t output_width = p->output_width;
  const int32_t pixel = p->pixel;
  const int32_t row_bytes = p->input_width * pixel;

  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      const int8_t *row = image + p->rows[oy] * row_bytes;
      for (int32_t ox = 0; ox < output_width; ox++) {
        to = tdl_move(to, row + columns[ox] * pixel, pixel);
      }
    }
    image += p->input_height * row_bytes;
  }
}
