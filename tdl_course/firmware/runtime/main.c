#include "clock.h"
#include "protocol.h"
#include "uart.h"

// Weak: an application (firmware/applications) brings its own.
__attribute__((weak)) int main(void) {
  clock_init();
  uart_init();
  protocol_serve();
}
