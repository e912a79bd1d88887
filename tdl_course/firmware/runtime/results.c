// Real values with 3 decimals, as C's "%.3f" prints them exactly, in integers only. A value is magnitude * 2^exponent:
// a float32 is so by itself, and scale * (q - zero_point) with scale = mantissa * 2^exponent is so with the magnitude
// |q - zero_point| * mantissa. A thousand of it is magnitude * 125 * 2^(exponent + 3).
#include "results.h"

#include "buffer.h"
#include "tdl_model.h"
#include "uart.h"

enum { NOT_FINITE = 105 };  // exponent of infinity and NaN after `split`
enum { MOST_DIGITS = 56 };  // of 2^63 * 2^(104 + 3)

typedef struct {
  uint32_t mantissa;
  int32_t exponent;
  int negative;
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
      .negative = (int)(word.bits >> 31),
  };
}

// magnitude * 2^-shift, rounded to the nearest integer, ties to even; magnitude < 2^63.
static uint64_t shift_right(uint64_t magnitude, uint32_t shift) {
  if (shift > 63) return 0;
  const uint64_t quotient = magnitude >> shift, rest = magnitude & ((1ull << shift) - 1u), half = (1ull << shift) >> 1;
  return quotient + (shift && (rest > half || (rest == half && (quotient & 1u))) ? 1u : 0u);
}

// thousandths * 2^doublings, with a point before the last three digits.
static void print_thousandths(uint64_t thousandths, int32_t doublings) {
  uint8_t digits[MOST_DIGITS];  // the last one first
  uint32_t count = 0;
  for (; thousandths || count < 4; thousandths /= 10u) digits[count++] = (uint8_t)(thousandths % 10u);
  for (; doublings > 0; doublings--) {
    uint32_t carry = 0;
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t twice = 2u * digits[i] + carry;
      digits[i] = (uint8_t)(twice % 10u);
      carry = twice / 10u;
    }
    if (carry) digits[count++] = (uint8_t)carry;
  }
  while (count--) {
    uart_put((char)('0' + digits[count]));
    if (count == 3) uart_put('.');
  }
}

// magnitude <= 2^56
static void print_real(int negative, uint64_t magnitude, int32_t exponent) {
  if (negative) uart_put('-');
  const uint64_t eighths = magnitude * 125u;
  if (exponent < -3) {
    print_thousandths(shift_right(eighths, (uint32_t)(-3 - exponent)), 0);
  } else {
    print_thousandths(eighths, exponent + 3);
  }
}

static void print_float(float value) {
  const binary real = split(value);
  if (real.exponent != NOT_FINITE) {
    print_real(real.negative, real.mantissa, real.exponent);
  } else if (real.mantissa & 0x7fffffu) {
    uart_text("nan");
  } else {
    uart_text(real.negative ? "-inf" : "inf");
  }
}

static void print_integer(int64_t value) {
  if (value < 0) uart_put('-');
  uart_decimal(value < 0 ? 0u - (uint64_t)value : (uint64_t)value);
  uart_text(".000");
}

static void print_steps(int64_t steps, float scale) {
  const binary unit = split(scale);
  print_real(steps < 0, (uint64_t)(steps < 0 ? -steps : steps) * unit.mantissa, unit.exponent);
}

static int64_t integer_at(const int8_t *values, uint32_t type, uint32_t index) {
  switch (type) {
    case TDL_INT16: return ((const int16_t *)(const void *)values)[index];
    case TDL_INT32: return ((const int32_t *)(const void *)values)[index];
    case TDL_INT64: return ((const int64_t *)(const void *)values)[index];
    case TDL_UINT8: return ((const uint8_t *)values)[index];
    default: return values[index];
  }
}

static void print_value(const tdl_tensor *tensor, uint32_t index) {
  const int8_t *values = tdl_model.output + tensor->offset;
  if (tensor->type == TDL_FLOAT32) {
    print_float(((const float *)(const void *)values)[index]);
  } else if (tensor->scale == 0.0f) {
    print_integer(integer_at(values, tensor->type, index));
  } else {
    print_steps(integer_at(values, tensor->type, index) - tensor->zero_point, tensor->scale);
  }
}

static float score(const tdl_host_form *host) {
  const tdl_tensor *output = tdl_model.outputs;
  float sum = 0.0f;
  for (uint32_t i = 0; i < output->count; i++) {
    const float real = output->scale * (float)(tdl_model.output[i] - output->zero_point);
    sum += (real - host->sent[i]) * (real - host->sent[i]);
  }
  return sum / (float)output->count;
}

void results_print(void) {
  if (buffer_scored()) {
    uart_text("m-results-[");
    print_float(score(buffer_scored()));
    uart_text("]\r\n");
    return;
  }
  const char *before = "m-results-[";
  for (uint32_t output = 0; output < tdl_model.output_count; output++) {
    for (uint32_t i = 0; i < tdl_model.outputs[output].count; i++) {
      uart_text(before);
      print_value(&tdl_model.outputs[output], i);
      before = ",";
    }
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
