/* The front end as its caller sees it: keeps the newest window of samples and runs the stages for each hop. */
#include "tdl_frontend.h"
#include "tdl_frontend_stages.h"

static int32_t hops; /* taken since reset, no further than warmup */

/* Copies samples upwards, eight at a time; `to` may lie below `from` by any distance. Returns where `to` goes on. */
static int16_t *move(int16_t *to, const int16_t *from, int32_t count) {
  for (; count >= 8; count -= 8, to += 8, from += 8) {
    uint32_t words[4];
    __builtin_memcpy(words, from, sizeof words);
    __builtin_memcpy(to, words, sizeof words);
  }
  for (; count > 0; count--) *to++ = *from++;
  return to;
}

void tdl_frontend_reset(void) { hops = 0; }

int tdl_frontend_push(const int16_t *samples, size_t count, int8_t *features) {
  const tdl_frontend_info *const f = &tdl_frontend;
  if (count != (size_t)f->hop) return -1;
  int16_t *const newest = move(f->frame, f->frame + f->hop, f->window - f->hop);
  move(newest, samples, f->hop);
  const int first = hops < f->warmup;
  hops += first;
  if (hops < f->warmup) return 0;
  tdl_frontend_fft(f);
  tdl_frontend_power(f);
  tdl_frontend_bands(f);
  if (f->averages) tdl_frontend_average(f, first);
  tdl_frontend_features(f, features);
  return (int)f->mels;
}
