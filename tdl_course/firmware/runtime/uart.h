// USART1 at 115200 8N1 on PA9 (TX) and PA10 (RX), polled. Numbers are printed without stdio.
#ifndef TDL_UART_H
#define TDL_UART_H

#include <stdint.h>

void uart_init(void);
void uart_put(char c);
void uart_text(const char *text);
void uart_decimal(uint64_t value);
void uart_hex(uint32_t value, uint32_t digits);

// Waits for one byte.
uint8_t uart_get(void);

#endif
