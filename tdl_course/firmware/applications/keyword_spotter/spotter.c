#include "spotter.h"

static uint32_t newest;   /* row of the ring of outputs that comes next */
static uint32_t earliest; /* hop of the next detection */

void spotter_reset(void) {
  const tdl_spotter_info *const s = &tdl_spotter;
  newest = earliest = 0;
  for (uint32_t i = 0; i < MOST_SMOOTHING * s->labels; i++) s->outputs[i] = 0;
  for (uint32_t label = 0; label < s->labels; label++) s->sums[label] = 0;
}

int spotter_take(const int8_t *outputs, uint32_t hop, const spotter_settings *settings, spotter_detection *detection) {
  const tdl_spotter_info *const s = &tdl_spotter;
  const uint32_t oldest = (newest + MOST_SMOOTHING - settings->smoothing) % MOST_SMOOTHING;
  uint32_t largest = 0, best = s->labels;
  for (uint32_t label = 0; label < s->labels; label++) {
    const uint8_t leaving = s->outputs[oldest * s->labels + label], coming = (uint8_t)(outputs[label] + 128);
    s->sums[label] += (uint32_t)coming - leaving;
    s->outputs[newest * s->labels + label] = coming;
    if ((s->keywords >> label & 1u) && (best == s->labels || s->sums[label] > largest)) {
      largest = s->sums[label];
      best = label;
    }
  }
  newest = (newest + 1u) % MOST_SMOOTHING;
  if (largest < settings->threshold * settings->smoothing || hop < earliest) return 0;
  earliest = hop + settings->refractory;
  *detection = (spotter_detection){best, largest / settings->smoothing};
  return 1;
}
