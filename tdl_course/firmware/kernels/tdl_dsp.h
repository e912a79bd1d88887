/* tdl_dsp.h: what the fast kernels ask of the processor, as functions. On a core with the DSP extension (Cortex-M4, M7,
 * M33 ...) each is one instruction or a short block of them; elsewhere plain C computes the same bits.
 *
 * A word holds two halfwords, low and high, or four bytes; x.low, x.high and x.0 ... x.3 stand for them, signed. */
#ifndef TDL_DSP_H
#define TDL_DSP_H

#include <stdint.h>

/* Four bytes, or two halfwords, from any address: the Cortex-M4 loads unaligned words. */
static inline int32_t tdl_load(const void *from) {
  int32_t word;
  __builtin_memcpy(&word, from, 4);
  return word;
}

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "tdl_dsp_cortex_m4.h"
#else
#include "tdl_dsp_plain.h"
#endif

#endif
