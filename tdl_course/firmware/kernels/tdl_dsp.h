/* tdl_dsp.h: what the fast kernels ask of the processor, as functions. On a core with the DSP extension (Cortex-M4, M7,
 * M33 ...) each is one instruction; elsewhere plain C computes the same bits. Their inner loops are in tdl_block_*.h.
 *
 * A word holds two halfwords, low and high, or four bytes, signed. Sums wrap at 32 bits. */
#ifndef TDL_DSP_H
#define TDL_DSP_H

#include <stdint.h>

/* Four bytes, or two halfwords, from any address: the Cortex-M4 loads unaligned words. */
static inline int32_t tdl_load(const void *from) {
  int32_t word;
  __builtin_memcpy(&word, from, 4);
  return word;
}

#if defined(__ARM_FEATURE_DSP)
#include "tdl_dsp_cortex_m4.h"
#else
#include "tdl_dsp_plain.h"
#endif

#endif
