/* Window, FFT and power as in frontend_fft_ref.c, with the instructions of the Cortex-M4's DSP extension. */
#include "tdl_frontend_stages.h"

#if !defined(__ARM_FEATURE_DSP)
#error "this core has no DSP instructions: link frontend_fft_ref.c"
#endif

#include "tdl_block_fft_cortex_m4.h"

void tdl_frontend_fft(const tdl_frontend_info *f) {
  int32_t *const z = f->spectrum, *const end = z + TDL_FFT;
  int32_t *to = z;
  for (int32_t low = 0; low < 8; low += 2) {
    for (int32_t n = low; n < low + 32; n += 8) to = tdl_first_butterflies(f->frame + n, f->hann + n, to);
  }
  for (int32_t k = 0; k < 4; k++) tdl_butterflies_4(z + 2 * k, f->twiddles + 96 * k, end + 2 * k);
  for (int32_t *at = z; at < end; at += 128) tdl_butterflies_16(at, f->twiddles, at + 32);
  tdl_butterflies_64(z, f->twiddles, z + 128);
}

void tdl_frontend_power(const tdl_frontend_info *f) {
  int32_t *const z = f->spectrum;
  tdl_bins(z + 2, z + 2 * (TDL_FFT_POINTS - 1), f->split, z + 2 * (TDL_FFT_POINTS / 2 + 1));
}
