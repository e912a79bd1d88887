// A model of two layers: 64 int8 values are made smaller where they are negative, then weighted into 4 sums.
#include <stdint.h>

#include "tdl_model.h"

enum { INPUTS = 64, OUTPUTS = 4 };

int8_t tdl_input[INPUTS] __attribute__((aligned(16)));
int8_t tdl_output[OUTPUTS] __attribute__((aligned(16)));

static const int8_t weights[OUTPUTS][INPUTS] = {{1, -2, 3, 4, 5}, {6, 7}, {8, 9, 10}, {-11, 12}};
static int8_t hidden[INPUTS];

void tdl_layer_00_shrink(void);
void tdl_layer_01_dense(void);

__attribute__((noinline)) void tdl_layer_00_shrink(void) {
  for (int i = 0; i < INPUTS; i++) hidden[i] = (int8_t)(tdl_input[i] < 0 ? tdl_input[i] / 3 : tdl_input[i]);
}

__attribute__((noinline)) void tdl_layer_01_dense(void) {
  for (int o = 0; o < OUTPUTS; o++) {
    int32_t sum = 0;
    for (int i = 0; i < INPUTS; i++) sum += weights[o][i] * hidden[i];
    tdl_output[o] = (int8_t)(sum >> 6);
  }
}

void tdl_infer(void) {
  tdl_layer_00_shrink();
  tdl_layer_01_dense();
}

static const tdl_layer layers[] = {{"shrink", tdl_layer_00_shrink}, {"dense", tdl_layer_01_dense}};
static const tdl_tensor outputs[] = {{TDL_INT8, 0, OUTPUTS, 0.5f, 0}};
const tdl_model_info tdl_model = {"toy", tdl_input, tdl_output, 0, INPUTS, OUTPUTS, 1, outputs, 2, layers, 0};
