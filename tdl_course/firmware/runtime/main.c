#include "clock.h"
#include "protocol.h"
#include "uart.h"

int main(void) {
  clock_init();
  uart_init();
  protocol_serve();
}
