/* tdl_frontend.h: sound to log-mel features, hop by hop, in integers.
 *
 *   q[band] = limit(round((log2(1 + sum over k of w[band][k] |X[k]|^2) - centre) * steps per octave))
 *   X[k]    = sum over n of hann[n] x[n] exp(-2 pi i k n / 512)
 *
 * With gain control, gain_control * log2(1 + average of the band) is taken off the logarithm.
 *
 * x int16 [window], the newest samples; q int8 [mels], the input of a network as it is: its scale and zero point are
 * constants of the front end. The generated tdl_frontend_tables.c defines `tdl_frontend` and the memory that it works
 * in; tdl_course/audio/integer.py is the same in NumPy, bit for bit. Not reentrant: there is one microphone. */
#ifndef TDL_FRONTEND_H
#define TDL_FRONTEND_H

#include <stddef.h>
#include <stdint.h>

enum {
  TDL_FFT = 512,                /* real points */
  TDL_FFT_POINTS = TDL_FFT / 2, /* complex points */
  TDL_FFT_QUARTER = TDL_FFT_POINTS / 4
};

/* What the compiler has made of a FrontEnd; see tdl_course/audio/constants.py for the formats and their bounds. */
typedef struct {
  int32_t window, hop;         /* samples; window <= TDL_FFT, hop <= window */
  int32_t warmup;              /* hops that fill the first window */
  int32_t mels;                /* bands */
  int32_t first_bin;           /* the lowest FFT bin that a band hears */
  int32_t log2_centre;         /* Q15: log2 of the power that becomes 0 */
  int32_t steps_per_octave;    /* Q17 */
  int32_t gain_control;        /* Q31: exponent of the average that a band is divided by */
  int32_t average_shift;       /* the average goes 2^-shift of the way to each frame */
  const int16_t *hann;         /* [TDL_FFT] Q15, zeros behind the window */
  const int32_t *twiddles;     /* [TDL_FFT_QUARTER][3][2] Q31: cos, sin of 2 pi k j / 256 for j = 1, 2, 3 */
  const int32_t *split;        /* [TDL_FFT_POINTS / 2][2] Q27: cos, sin of 2 pi k / 512 for k = 1 ... 128 */
  const uint8_t *mel_lengths;  /* [mels + 1]: bins between one edge of the triangles and the next */
  const uint16_t *mel_weights; /* Q11, for each of these bins: its share in the upper of its two bands */
  const uint16_t *log2;        /* [33] Q15: log2(1 + i / 32) */
  int16_t *frame;              /* [TDL_FFT]: the newest samples, what lies behind the window counts nothing */
  int32_t *spectrum;           /* [TDL_FFT_POINTS][2] */
  uint64_t *bands;             /* [mels] 17 fractional bits */
  uint64_t *averages;          /* [mels] of bands, from frame to frame; null: no gain control */
} tdl_frontend_info;

extern const tdl_frontend_info tdl_frontend;

/* Forgets all samples. After reset of the core there are none either. */
void tdl_frontend_reset(void);

/* Takes one hop of samples. Returns how many features of the newest window it has written: `mels`, or 0 while the first
 * window fills; -1 where `count` is not the hop, and then nothing has changed. */
int tdl_frontend_push(const int16_t *samples, size_t count, int8_t *features);

#endif
