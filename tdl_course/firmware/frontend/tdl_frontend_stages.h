/* tdl_frontend_stages.h: the stages of the front end, in the order in which they run. Each works in `spectrum`; the first
 * two come plain (_ref.c) and for the Cortex-M4 (_dsp.c), chosen at link time. */
#ifndef TDL_FRONTEND_STAGES_H
#define TDL_FRONTEND_STAGES_H

#include "tdl_frontend.h"

/* frame -> Z [TDL_FFT_POINTS][2]: its windowed samples, two by two as complex numbers, transformed. */
void tdl_frontend_fft(const tdl_frontend_info *f);

/* Z -> |X[k]|^2 for k = 1 ... 255, in the place of Z[k]: the lower word, then the upper one. */
void tdl_frontend_power(const tdl_frontend_info *f);

/* |X|^2 -> features int8 [mels]. */
void tdl_frontend_mel(const tdl_frontend_info *f, int8_t *features);

#endif
