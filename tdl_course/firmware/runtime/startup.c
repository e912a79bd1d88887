// From reset to main, and from a fault to its report. No C library: the linker script gives the addresses.
#if __ARM_ARCH < 7
#error "this runtime needs an Armv7-M core; for a smaller one export a library: tdl export MODEL.tflite --as c-library"
#endif

#include "registers.h"
#include "semihost.h"
#include "uart.h"

extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _estack[];
int main(void);
void Reset_Handler(void);
void Fault_Handler(void);
void fault_report(const uint32_t *frame, uint32_t exception) __attribute__((used));

enum { EXTERNAL_INTERRUPTS = 82 };  // RM0090, vector table of the STM32F405; the STM32F205 has no more

typedef union {
  uint32_t *stack;
  void (*handler)(void);
} vector;

__attribute__((section(".isr_vector"), used)) static const vector vectors[16 + EXTERNAL_INTERRUPTS] = {
    [0] = {.stack = _estack},
    [1] = {.handler = Reset_Handler},
    [2 ... 15 + EXTERNAL_INTERRUPTS] = {.handler = Fault_Handler},
};

void Reset_Handler(void) {
#if defined(__ARM_FP)
  SCB_CPACR |= 0xFu << 20;  // FPU on, before anything may use it
  __asm__ volatile("dsb\n isb" ::: "memory");
#endif
  SCB_SHCSR |= 7u << 16;  // memory, bus and usage faults under their own names
  SCB_CCR |= 1u << 4;     // integer division by zero is a usage fault
  const uint32_t *from = _sidata;
  for (uint32_t *to = _sdata; to < _edata;) *to++ = *from++;
  for (uint32_t *to = _sbss; to < _ebss;) *to++ = 0;
  semihost_exit((uint32_t)main());
}

// Finds the frame that the core stacked, then continues on a fresh stack: the old one may have overflowed.
__attribute__((naked)) void Fault_Handler(void) {
  __asm__ volatile(
      "tst lr, #4\n"
      "ite eq\n"
      "mrseq r0, msp\n"
      "mrsne r0, psp\n"
      "mrs r1, ipsr\n"
      "ldr r2, =_estack\n"
      "mov sp, r2\n"
      "b fault_report\n");
}

static const char *fault_name(uint32_t exception) {
  switch (exception) {
    case 2: return "NMI";
    case 3: return "HardFault";
    case 4: return "MemManage";
    case 5: return "BusFault";
    case 6: return "UsageFault";
    default: return "Interrupt";
  }
}

void fault_report(const uint32_t *frame, uint32_t exception) {
  if (semihost_exiting()) {
    for (;;) {
    }
  }
  // r0-r3, r12, lr, pc, xpsr; read only where it lies in RAM whole
  const int readable = frame >= _sdata && frame + 8 <= _estack;
  uart_text("FAULT ");
  uart_text(fault_name(exception));
  uart_text(" pc=0x");
  uart_hex(readable ? frame[6] : 0u, 8);
  uart_text(" lr=0x");
  uart_hex(readable ? frame[5] : 0u, 8);
  uart_text("\r\n");
  semihost_exit(99);
}
