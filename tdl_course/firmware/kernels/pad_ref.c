/* PAD and PADV2, any element type: the bytes of x in order, in runs, with a border before, after and between them.
 *
 *   y = border(before) run border(between[k]) run ... run border(after)
 *
 * k: the axis that counts up from one run to the next, as a digit of a number does; between[k] is the border of all axes
 * inside it. All lengths in bytes; value is the border's element, repeated to four bytes. */
#include "tdl_kernels.h"
#include "tdl_move.h"

static int8_t *border(int8_t *y, uint32_t value, int32_t bytes) {
  for (; bytes >= 4; bytes -= 4) {
    __builtin_memcpy(y, &value, 4);
    y += 4;
  }
  for (; bytes > 0; bytes--) {
    *y++ = (int8_t)value;
    value = value >> 8 | value << 24;
  }
  return y;
}

void tdl_pad(const tdl_pad_params *p, const void *x, void *y) {
  const uint32_t value = (uint32_t)p->value;
  const int32_t run = p->run;
  const int8_t *from = (const int8_t *)x;
  int8_t *to = border((int8_t *)y, value, p->before);
  int32_t index[TDL_MAX_AXES] = {0};
  int32_t axis;

  do {
    to = tdl_move(to, from, run);
    from += run;
    for (axis = p->axes - 1; axis >= 0; axis--) {
      if (++index[axis] < p->length[axis]) {
        to = border(to, value, p->between[axis]);
        break;
      }
      index[axis] = 0;
    }
  } while (axis >= 0);
  border(to, value, p->after);
}
