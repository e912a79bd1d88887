#include "uart.h"

#include "clock.h"
#include "registers.h"

enum { BAUD = 115200, SR_RXNE = 1u << 5, SR_TXE = 1u << 7 };

void uart_init(void) {
  const uint32_t bus_hz = TDL_CLOCK_MHZ * 1000000u / 2u;  // APB2
  RCC_AHB1ENR = (1u << 20) | 1u;                          // GPIOA; bit 20 is set at reset (CCM RAM)
  RCC_APB2ENR = 1u << 4;                                  // USART1
  GPIOA_AFRH = (7u << 4) | (7u << 8);                     // PA9, PA10: alternate function 7
  GPIOA_MODER = 0xA8000000u | (2u << 18) | (2u << 20);    // the debug pins keep their reset mode
  USART1_BRR = (bus_hz + BAUD / 2u) / BAUD;
  USART1_CR1 = (1u << 13) | (1u << 3) | (1u << 2);  // UE, TE, RE
}

void uart_put(char c) {
  while (!(USART1_SR & SR_TXE)) {
  }
  USART1_DR = (uint8_t)c;
}

void uart_text(const char *text) {
  while (*text) uart_put(*text++);
}

void uart_decimal(uint64_t value) {
  char digits[20];
  uint32_t n = 0;
  do {
    digits[n++] = (char)('0' + value % 10u);
    value /= 10u;
  } while (value);
  while (n) uart_put(digits[--n]);
}

void uart_hex(uint32_t value, uint32_t digits) {
  while (digits) uart_put("0123456789abcdef"[(value >> (4u * --digits)) & 15u]);
}

uint8_t uart_get(void) {
  while (!(USART1_SR & SR_RXNE)) clock_cycles();
  return (uint8_t)USART1_DR;
}
