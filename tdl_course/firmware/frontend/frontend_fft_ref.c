/* Window, FFT and power, in plain C.
 *
 *   Z[k]     = sum over n of z[n] exp(-2 pi i k n / 256),   z[n] = hann[2n] x[2n] + i hann[2n + 1] x[2n + 1]
 *   2 E[k]   = Z[k] + conj Z[256 - k]                       transform of the even samples
 *   2 O[k]   = (Z[k] - conj Z[256 - k]) / i                 transform of the odd samples
 *   X[k]     = E[k] + exp(-2 pi i k / 512) O[k],   X[256 - k] = conj(E[k] - exp(-2 pi i k / 512) O[k])
 *
 * Radix 4, decimation in time: the first stage takes its inputs in the order of reversed digits, straight from the
 * frame. Products with twiddles keep the upper half of 64 bits, which is half of them; the additions behind double them
 * again. |Z| and all values behind the first additions are below 2^30, and those are below 2^31. */
#include "tdl_frontend_stages.h"
#include "tdl_dsp_plain.h"

enum { PRODUCT_SHIFT = 8, SPECTRUM_SHIFT = 5 };

typedef struct {
  int32_t re, im;
} complex;

/* a * (c - i s), half of it: c, s are Q31. */
static complex turned(complex a, int32_t c, int32_t s) {
  return (complex){tdl_smmlar(a.im, s, tdl_smmulr(a.re, c)), tdl_smmlsr(a.re, s, tdl_smmulr(a.im, c))};
}

/* The outputs z[0], z[stride], ... of near = a0 + a2, far = a0 - a2, sum = a1 + a3, difference = a1 - a3. */
static void butterfly(complex near, complex far, complex sum, complex difference, int32_t *z, int32_t stride) {
  z[0] = near.re + sum.re;
  z[1] = near.im + sum.im;
  z[2 * stride] = far.re + difference.im;
  z[2 * stride + 1] = far.im - difference.re;
  z[4 * stride] = near.re - sum.re;
  z[4 * stride + 1] = near.im - sum.im;
  z[6 * stride] = far.re - difference.im;
  z[6 * stride + 1] = far.im + difference.re;
}

static complex windowed(const int16_t *x, const int16_t *hann) { return (complex){x[0] * hann[0], x[1] * hann[1]}; }

static complex shifted_sum(complex a, complex b) {
  return (complex){(a.re + b.re) >> PRODUCT_SHIFT, (a.im + b.im) >> PRODUCT_SHIFT};
}

static complex shifted_difference(complex a, complex b) {
  return (complex){(a.re - b.re) >> PRODUCT_SHIFT, (a.im - b.im) >> PRODUCT_SHIFT};
}

static void first_stage(const int16_t *x, const int16_t *hann, int32_t *z) {
  for (int32_t j = 0; j < TDL_FFT_QUARTER; j++, z += 8) {
    const int32_t n = 2 * ((j & 3) * 16 + (j & 12) + (j >> 4));
    complex a[4];
    for (int32_t i = 0; i < 4; i++) a[i] = windowed(x + n + TDL_FFT_POINTS / 2 * i, hann + n + TDL_FFT_POINTS / 2 * i);
    butterfly(shifted_sum(a[0], a[2]), shifted_difference(a[0], a[2]), shifted_sum(a[1], a[3]),
              shifted_difference(a[1], a[3]), z, 1);
  }
}

static void stage(int32_t *z, int32_t stride, const int32_t *twiddles) {
  for (int32_t k = 0; k < stride; k++, twiddles += 6 * TDL_FFT_QUARTER / stride) {
    for (int32_t at = k; at < TDL_FFT_POINTS; at += 4 * stride) {
      int32_t *const a = z + 2 * at;
      const complex a1 = turned((complex){a[2 * stride], a[2 * stride + 1]}, twiddles[0], twiddles[1]);
      const complex a2 = turned((complex){a[4 * stride], a[4 * stride + 1]}, twiddles[2], twiddles[3]);
      const complex a3 = turned((complex){a[6 * stride], a[6 * stride + 1]}, twiddles[4], twiddles[5]);
      butterfly((complex){a[0] + 2 * a2.re, a[1] + 2 * a2.im}, (complex){a[0] - 2 * a2.re, a[1] - 2 * a2.im},
                (complex){2 * (a1.re + a3.re), 2 * (a1.im + a3.im)},
                (complex){2 * (a1.re - a3.re), 2 * (a1.im - a3.im)}, a, stride);
    }
  }
}

void tdl_frontend_fft(const tdl_frontend_info *f) {
  first_stage(f->frame, f->hann, f->spectrum);
  for (int32_t stride = 4; stride < TDL_FFT_POINTS; stride *= 4) stage(f->spectrum, stride, f->twiddles);
}

static void store_power(uint32_t *at, int32_t re, int32_t im) {
  const uint64_t power = (uint64_t)((int64_t)re * re + (int64_t)im * im);
  at[0] = (uint32_t)power;
  at[1] = (uint32_t)(power >> 32);
}

void tdl_frontend_power(const tdl_frontend_info *f) {
  const int32_t *w = f->split;
  int32_t *up = f->spectrum + 2, *down = f->spectrum + 2 * (TDL_FFT_POINTS - 1);
  for (; up <= down; up += 2, down -= 2, w += 2) {
    const complex odd = turned((complex){up[1] + down[1], down[0] - up[0]}, w[0], w[1]);
    const complex even = {(up[0] + down[0]) >> SPECTRUM_SHIFT, (up[1] - down[1]) >> SPECTRUM_SHIFT};
    store_power((uint32_t *)down, even.re - odd.re, even.im - odd.im);
    store_power((uint32_t *)up, even.re + odd.re, even.im + odd.im);
  }
}
