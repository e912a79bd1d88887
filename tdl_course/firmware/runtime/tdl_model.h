// The compiled model as the runtime sees it. The generated model.c defines all of it.
#ifndef TDL_MODEL_H
#define TDL_MODEL_H

#include <stdint.h>

typedef struct {
  const char *name;
  void (*run)(void);
} tdl_layer;

typedef struct {
  const char *name;
  uint32_t input_bytes, output_bytes, output_count;
  float output_scale;  // real = output_scale * (q - output_zero_point); 0 where the output is not int8
  int32_t output_zero_point;
  uint32_t layer_count;
  const tdl_layer *layers;
} tdl_model_info;

extern const tdl_model_info tdl_model;
extern int8_t tdl_input[], tdl_output[];

// One inference: reads tdl_input (and keeps it), writes tdl_output. Runs the layers in order.
void tdl_infer(void);

#endif
