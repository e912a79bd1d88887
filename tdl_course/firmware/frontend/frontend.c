/* The front end as its caller sees it: keeps the newest window of samples and runs the stages for each hop. */
#include "tdl_frontend.h"
#include "tdl_frontend_stages.h"

static int32_t hops; /* taken since reset, no further than warmup */

void tdl_frontend_reset(void) { hops = 0; }

int tdl_frontend_push(const int16_t *samples, size_t count, int8_t *features) {
  const tdl_frontend_info *const f = &tdl_frontend;
  if (count != (size_t)f->hop) return -1;
  int16_t *to = f->frame;
  for (int16_t *const end = to + (f->window - f->hop); to < end; to++) *to = to[f->hop];
  for (const int16_t *const end = samples + count; samples < end;) *to++ = *samples++;
  if (hops < f->warmup) hops++;
  if (hops < f->warmup) return 0;
  tdl_frontend_fft(f);
  tdl_frontend_power(f);
  tdl_frontend_mel(f, features);
  return (int)f->mels;
}
