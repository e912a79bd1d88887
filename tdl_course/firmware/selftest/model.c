// The smallest model: adds one to each of four inputs. `tdl doctor` builds it and runs it on the simulated board.
#include "tdl_model.h"

int8_t tdl_input[4];
int8_t tdl_output[4];

static void tdl_layer_00_increment(void) {
  for (int i = 0; i < 4; i++) tdl_output[i] = (int8_t)(tdl_input[i] + 1);
}

static const tdl_layer layers[] = {{"increment", tdl_layer_00_increment}};

void tdl_infer(void) { layers[0].run(); }

static const tdl_tensor outputs[] = {{.type = TDL_INT8, .count = 4, .scale = 1.0F}};

const tdl_model_info tdl_model = {
    .name = "selftest",
    .input = tdl_input,
    .output = tdl_output,
    .input_bytes = 4,
    .output_bytes = 4,
    .output_count = 1,
    .outputs = outputs,
    .layer_count = 1,
    .layers = layers,
};
