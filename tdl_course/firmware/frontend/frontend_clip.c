/* The front end as a firmware by itself: tdl_infer takes a clip, int16 samples as bytes, and gives the features of all
 * its frames. What one hop costs is the cost of the second layer. */
#include "tdl_frontend.h"
#include "tdl_frontend_stages.h"
#include "tdl_model.h"

void tdl_layer_00_all_but_one(void);
void tdl_layer_01_last_hop(void);

static const int16_t *samples;
static int8_t *features;

static void push(void) {
  features += tdl_frontend_push(samples, (size_t)tdl_frontend.hop, features);
  samples += tdl_frontend.hop;
}

__attribute__((noinline)) void tdl_layer_00_all_but_one(void) {
  samples = (const int16_t *)(const void *)tdl_model.input;
  features = tdl_model.output;
  tdl_frontend_reset();
  const uint32_t hops = tdl_model.input_bytes / (2u * (uint32_t)tdl_frontend.hop);
  for (uint32_t i = 1; i < hops; i++) push();
}

__attribute__((noinline)) void tdl_layer_01_last_hop(void) { push(); }

void tdl_infer(void) {
  tdl_layer_00_all_but_one();
  tdl_layer_01_last_hop();
}
