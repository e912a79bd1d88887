// The inner loop of a plain convolution, five instructions a turn, as one layer.
#include <stdint.h>

#include "tdl_model.h"

enum { TURNS = 10000000 };

int8_t tdl_input[64] __attribute__((aligned(16)));
int8_t tdl_output[4] __attribute__((aligned(16)));

void tdl_layer_00_loop(void);

__attribute__((noinline)) void tdl_layer_00_loop(void) {
  int32_t sum = 0, turns = TURNS, x, w;
  __asm__ volatile(
      "1: ldrsb %[x], [%[at], #3]\n ldrsb %[w], [%[at], #5]\n mla %[sum], %[x], %[w], %[sum]\n subs %[turns], #1\n bne 1b"
      : [sum] "+r"(sum), [turns] "+r"(turns), [x] "=&r"(x), [w] "=&r"(w)
      : [at] "r"(tdl_input)
      : "cc", "memory");
  tdl_output[0] = (int8_t)sum;
}

void tdl_infer(void) { tdl_layer_00_loop(); }

static const tdl_layer layers[] = {{"loop", tdl_layer_00_loop}};
static const tdl_tensor outputs[] = {{.type = TDL_INT8, .count = 4, .scale = 1.0f}};
const tdl_model_info tdl_model = {
    .name = "loop",
    .input = tdl_input,
    .output = tdl_output,
    .input_bytes = 64,
    .output_bytes = 4,
    .output_count = 1,
    .outputs = outputs,
    .layer_count = 1,
    .layers = layers,
};
