/* spotter.h: from the outputs of a network that listens all the time to detections.
 *
 *   mean[l]  = sum of (output[l] + 128) over the last `smoothing` inferences / smoothing
 *   detected : the keyword l of the largest mean, where that reaches the threshold and `refractory` hops have gone by
 *              since the last detection
 *
 * Outputs before the first one count as 0. tdl_course/audio/streaming.py is the same in NumPy. The generated
 * tdl_spotter.c defines `tdl_spotter` and the memory. */
#ifndef SPOTTER_H
#define SPOTTER_H

#include <stdint.h>

enum { MOST_SMOOTHING = 32 };

typedef struct {
  uint32_t threshold;  /* of a mean, 1 to 255 */
  uint32_t smoothing;  /* inferences, 1 to MOST_SMOOTHING */
  uint32_t refractory; /* hops from one detection to the next */
  uint32_t stride;     /* hops from one inference to the next */
} spotter_settings;

typedef struct {
  spotter_settings settings; /* after reset */
  uint32_t sampling_hz;
  uint32_t frames;     /* of the network's input */
  uint32_t labels;     /* of its output */
  uint32_t keywords;   /* bit l: label l may be detected */
  const int8_t *input; /* [256]: what the network takes for the features -128 ... 127 */
  int16_t *samples;    /* [hop]: those that have arrived of the next hop */
  int8_t *features;    /* [frames][mels]: the newest frames, in a ring */
  uint8_t *outputs;    /* [MOST_SMOOTHING][labels]: the last ones, in a ring */
  uint32_t *sums;      /* [labels]: over the last `smoothing` of them */
} tdl_spotter_info;

extern const tdl_spotter_info tdl_spotter;

typedef struct {
  uint32_t label, score;
} spotter_detection;

/* Forgets all outputs and detections. */
void spotter_reset(void);

/* Takes the outputs of an inference that ran after `hop` hops. 1 where it has detected something, else 0. */
int spotter_take(const int8_t *outputs, uint32_t hop, const spotter_settings *settings, spotter_detection *detection);

#endif
