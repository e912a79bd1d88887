// Core clock and cycle counter.
#ifndef TDL_CLOCK_H
#define TDL_CLOCK_H

#include <stdint.h>

// Raises the core clock from the 16 MHz of reset to TDL_CLOCK_MHZ and starts the cycle counter.
void clock_init(void);

// Core cycles since clock_init, in 64 bits. DWT CYCCNT wraps every 2^32 cycles (25.6 s at 168 MHz), so this must be
// called at least that often: the UART does while it waits, `infer` does after each inference. Reads 0 where a simulator
// has no DWT.
uint64_t clock_cycles(void);

// The same in microseconds.
uint64_t clock_microseconds(void);

#endif
