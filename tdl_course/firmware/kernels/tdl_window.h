/* tdl_window.h: which taps of a sliding window fall inside the input. Computed once a pixel, outside the loops over
 * channels, so that no inner loop tests bounds. */
#ifndef TDL_WINDOW_H
#define TDL_WINDOW_H

#include <stdint.h>

/* Taps begin, begin + 1, ..., end - 1. */
typedef struct {
  int32_t begin, end;
} tdl_taps;

/* The taps k with 0 <= origin + k * dilation < size, of a window of `taps` taps whose first lies at `origin`. */
static inline tdl_taps tdl_taps_inside(int32_t origin, int32_t taps, int32_t dilation, int32_t size) {
  tdl_taps inside = {0, taps};
  while (inside.begin < taps && origin + inside.begin * dilation < 0) inside.begin++;
  while (inside.end > inside.begin && origin + (inside.end - 1) * dilation >= size) inside.end--;
  return inside;
}

#endif
