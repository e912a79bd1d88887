// The least that a model needs of a core: a vector table, memory set up, and a main that infers. Armv6-M and later.
#include <stdint.h>

extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _estack[];
__attribute__((noinline)) int main(void);
void Reset_Handler(void);
void tdl_infer(void);

typedef union {
  uint32_t *stack;
  void (*handler)(void);
} vector;

__attribute__((section(".isr_vector"), used)) static const vector vectors[16] = {
    [0] = {.stack = _estack},
    [1] = {.handler = Reset_Handler},
};

void Reset_Handler(void) {
  const uint32_t *from = _sidata;
  for (uint32_t *to = _sdata; to < _edata;) *to++ = *from++;
  for (uint32_t *to = _sbss; to < _ebss;) *to++ = 0;
  main();
}

int main(void) {
  for (;;) tdl_infer();
}
