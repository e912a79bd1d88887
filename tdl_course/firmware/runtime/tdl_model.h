// The compiled model as the runtime sees it. The generated model.c defines all of it.
#ifndef TDL_MODEL_H
#define TDL_MODEL_H

#include <stdint.h>

typedef struct {
  const char *name;
  void (*run)(void);
} tdl_layer;

enum { TDL_INT8, TDL_INT16, TDL_INT32, TDL_INT64, TDL_FLOAT32, TDL_UINT8 };

// One output: real = scale * (q - zero_point) where scale is not 0, else the numbers are what they are.
typedef struct {
  uint32_t type;    // TDL_INT8, ...
  uint32_t offset;  // bytes behind the start of the outputs
  uint32_t count;   // values
  float scale;
  int32_t zero_point;
} tdl_tensor;

// What MLPerf Tiny's runner sends and expects where that is not what the model takes and gives. `sent` is null: pixels, 0
// to 255, which the int8 input has less 128. Else: float32, which `sent` has room for, and the result is one number, the
// mean squared difference of the one int8 output from them.
typedef struct {
  float *sent;
  float scale;  // of the input
  int32_t zero_point;
} tdl_host_form;

// Several inputs lie side by side, aligned as in a struct, and so do outputs. Where inference overwrites its input,
// `first_output` has room for the outputs of the first inference after a load: later ones compute on what is left.
// Where the input survives, it is null.
typedef struct {
  const char *name;
  int8_t *input, *output, *first_output;
  uint32_t input_bytes, output_bytes;
  uint32_t output_count;
  const tdl_tensor *outputs;
  uint32_t layer_count;
  const tdl_layer *layers;
  const tdl_host_form *host;  // null: the host sends the bytes of the inputs
} tdl_model_info;

extern const tdl_model_info tdl_model;

// One inference: reads tdl_model.input, writes tdl_model.output. Runs the layers in order.
void tdl_infer(void);

// Names `size` bytes of the array `arena`, `offset` bytes behind its start: a symbol for debuggers and test rigs.
#ifdef __ELF__
#define TDL_PLACE(name, arena, offset, size)                                                   \
  extern int8_t name[size];                                                                    \
  __asm__(".global " #name "\n.type " #name ", %object\n.set " #name ", " #arena " + " #offset \
          "\n"                                                                                 \
          ".size " #name ", " #size "\n")
#else
#define TDL_PLACE(name, arena, offset, size) _Static_assert((offset) >= 0 && (size) > 0, #name)
#endif

#endif
