/* tdl_move.h: the inner loop of operators that move bytes. */
#ifndef TDL_MOVE_H
#define TDL_MOVE_H

#include <stdint.h>

/* Copies `bytes` bytes upwards, four at a time: `to` may lie over `from`, at its address or below. Returns where `to`
 * goes on. Words need not be aligned: the Cortex-M4 loads and stores them anywhere, and for other cores the compiler
 * takes bytes. */
static inline int8_t *tdl_move(int8_t *to, const int8_t *from, int32_t bytes) {
  for (; bytes >= 4; bytes -= 4) {
    uint32_t word;
    __builtin_memcpy(&word, from, 4);
    __builtin_memcpy(to, &word, 4);
    from += 4;
    to += 4;
  }
  for (; bytes > 0; bytes--) *to++ = *from++;
  return to;
}

#endif
