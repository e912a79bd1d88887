// real = scale * (q - zero_point), printed with 3 decimals as C's "%.3f" prints the exact product, in integers only:
// a float32 scale is mantissa * 2^exponent, so 1000 * real = 1000 * (q - zero_point) * mantissa * 2^exponent.
#include "results.h"

#include "tdl_model.h"
#include "uart.h"

typedef struct {
  uint32_t mantissa;
  int32_t exponent;
} binary;

static binary split(float value) {
  const union {
    float value;
    uint32_t bits;
  } word = {.value = value};
  const uint32_t exponent = (word.bits >> 23) & 0xffu, fraction = word.bits & 0x7fffffu;
  return (binary){
      .mantissa = exponent ? fraction | 0x800000u : fraction,
      .exponent = (int32_t)(exponent ? exponent : 1u) - 150,
  };
}

// magnitude * 2^-shift, rounded to the nearest integer, ties to even.
static uint64_t shift_right(uint64_t magnitude, uint32_t shift) {
  if (shift > 62) return 0;
  const uint64_t quotient = magnitude >> shift, rest = magnitude & ((1ull << shift) - 1u), half = (1ull << shift) >> 1;
  return quotient + (shift && (rest > half || (rest == half && (quotient & 1u))) ? 1u : 0u);
}

static void print_real(int32_t steps, binary scale) {
  // At most 9 + 24 + 10 bits, and at most 20 more from a positive exponent.
  uint64_t thousandths = (uint64_t)(steps < 0 ? -(int64_t)steps : (int64_t)steps) * scale.mantissa * 1000u;
  if (scale.exponent < 0) {
    thousandths = shift_right(thousandths, (uint32_t)-scale.exponent);
  } else {
    thousandths <<= (uint32_t)scale.exponent;
  }
  if (steps < 0) uart_put('-');
  uart_decimal(thousandths / 1000u);
  uart_put('.');
  const uint32_t decimals = (uint32_t)(thousandths % 1000u);
  uart_put((char)('0' + decimals / 100u));
  uart_put((char)('0' + decimals / 10u % 10u));
  uart_put((char)('0' + decimals % 10u));
}

void results_print(void) {
  const tdl_tensor *output = tdl_model.outputs;
  const binary scale = split(output->scale);
  if (tdl_model.output_count != 1 || output->type != TDL_INT8 || scale.mantissa == 0 || scale.exponent > 20) {
    uart_text("e-[The output is not int8 with one scale: x-output prints its bytes]\r\n");
    return;
  }
  for (uint32_t i = 0; i < output->count; i++) {
    uart_text(i ? "," : "m-results-[");
    print_real(tdl_model.output[i] - output->zero_point, scale);
  }
  uart_text("]\r\n");
}

void results_print_bytes(void) {
  uart_text("x-output");
  for (uint32_t i = 0; i < tdl_model.output_bytes; i++) {
    uart_put('-');
    uart_hex((uint8_t)tdl_model.output[i], 2);
  }
  uart_text("\r\n");
}
