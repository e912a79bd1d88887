/* FULLY_CONNECTED, int8. The formula is in fully_connected_loops.h. */
#include "tdl_kernels.h"
#include "tdl_dot.h"
#include "tdl_requantize.h"

typedef int8_t value;
typedef int32_t total;

static inline total dot(const value *x, const int8_t *weights, int32_t first, int32_t length, int32_t zero_point) {
  return tdl_dot(x, weights + first, length, zero_point);
}

static inline value finish(const tdl_fully_connected_params *p, int32_t o, total sum) {
  return tdl_output_s8(sum, p->bias, p->multiplier, p->shift, o, p->output_zero_point, p->activation_min,
                       p->activation_max);
}

#include "fully_connected_loops.h"

void tdl_fully_connected_s8(const tdl_fully_connected_params *p, const value *x, value *y) { fully_connected(p, x, y); }
