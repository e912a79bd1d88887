/* tdl_frontend_stages.h: the stages of the front end, in the order in which they run. The first three come in plain C
 * (_ref.c) and for the Cortex-M4 (_dsp.c), chosen at link time. */
#ifndef TDL_FRONTEND_STAGES_H
#define TDL_FRONTEND_STAGES_H

#include "tdl_frontend.h"

/* frame -> Z [TDL_FFT_POINTS][2] in `spectrum`: its windowed samples, two by two as complex numbers, transformed. */
void tdl_frontend_fft(const tdl_frontend_info *f);

/* Z -> P[k] = |X[k]|^2 for k = 1 ... 255, in the place of Z[k]: the lower word, then the upper one. */
void tdl_frontend_power(const tdl_frontend_info *f);

/* P -> M [mels] in `bands`: the power of each band. */
void tdl_frontend_bands(const tdl_frontend_info *f);

/* M -> `averages`: they go on by one frame, or begin with it. Only with gain control. */
void tdl_frontend_average(const tdl_frontend_info *f, int begin);

/* M, and the averages with gain control -> features int8 [mels]. */
void tdl_frontend_features(const tdl_frontend_info *f, int8_t *features);

#endif
