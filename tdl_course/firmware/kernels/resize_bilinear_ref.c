/* RESIZE_BILINEAR, int8.
 *
 *   y[n][oy][ox][c] = round(((1 - v) * ((1 - u) * x[n][y0][x0][c] + u * x[n][y0][x1][c])
 *                          +      v  * ((1 - u) * x[n][y1][x0][c] + u * x[n][y1][x1][c])))
 *   place = oy * step_height + first_height, in 1024th parts of a row; y0 and y1: the rows before and after it;
 *   v: how far it lies from y0 towards y1. x0, x1, u alike. Halves are rounded away from zero.
 *
 * x [N][H][W][C]   y [N][OH][OW][C]
 * oy, ox: output row, column   c: channel. Beyond the middle of the first or last row, y0 = y1 and v does not matter:
 * it lies in [-1/2, 1), and a sum of four products of weights and int8 stays under 2^31. */
#include "tdl_kernels.h"

enum { ONE = 1 << 10, HALF = 1 << 19 };

/* Rows, or columns, around a place, and the distance from the first. */
typedef struct {
  int32_t before, after, parts;
} neighbours;

static neighbours around(int32_t place, int32_t size) {
  neighbours at;
  at.before = place > 0 ? place / ONE : 0;
  at.after = place > 0 ? (place + ONE - 1) / ONE : 0;
  if (at.after > size - 1) at.after = size - 1;
  at.parts = place - at.before * ONE;
  return at;
}

void tdl_resize_bilinear_s8(const tdl_resize_bilinear_params *p, const int8_t *x, int8_t *y) {
  const int32_t channels = p->channels;
  const int32_t row = p->input_width * channels;

  for (int32_t n = 0; n < p->batches; n++) {
    for (int32_t oy = 0; oy < p->output_height; oy++) {
      const neighbours v = around(oy * p->step_height + p->first_height, p->input_height);
      const int8_t *upper = x + v.before * row;
      const int32_t down = (v.after - v.before) * row;
      for (int32_t ox = 0; ox < p->output_width; ox++) {
        const neighbours u = around(ox * p->step_width + p->first_width, p->input_width);
        const int8_t *left = upper + u.before * channels; /* of the upper row, and `down` bytes on of the lower one */
        const int8_t *right = upper + u.after * channels;
        const int32_t across = v.parts * u.parts;
        const int32_t upper_right = ONE * u.parts - across;
        const int32_t lower_left = ONE * v.parts - across;
        const int32_t upper_left = ONE * (ONE - u.parts) - lower_left;
        for (int32_t c = 0; c < channels; c++) {
          const int32_t sum =
              left[c] * upper_left + right[c] * upper_right + left[c + down] * lower_left + right[c + down] * across;
          *y++ = (int8_t)((sum + HALF + (sum >> 31)) >> 20); /* sum >> 31: -1 of negative sums */
        }
      }
    }
    x += p->input_height * row;
  }
}
