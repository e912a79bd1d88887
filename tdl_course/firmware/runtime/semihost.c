#include "semihost.h"

#include "uart.h"

enum { SYS_EXIT_EXTENDED = 0x20, ADP_STOPPED_APPLICATION_EXIT = 0x20026 };

static volatile int exiting;

int semihost_exiting(void) { return exiting; }

_Noreturn void semihost_exit(uint32_t code) {
  uart_text("EXIT ");
  uart_decimal(code);
  uart_text("\r\n");
  exiting = 1;
  const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, code};
  register uint32_t r0 __asm__("r0") = SYS_EXIT_EXTENDED;
  register const uint32_t *r1 __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  for (;;) {
  }
}
