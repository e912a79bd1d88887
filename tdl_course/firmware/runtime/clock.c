#include "clock.h"

#include "registers.h"

#ifndef TDL_CLOCK_MHZ
#error "compile with -DTDL_CLOCK_MHZ=<core clock of the board>"
#endif

// PLL: 16 MHz HSI / 16 * N / 2, and N is 192 to 432 for a legal VCO frequency.
_Static_assert(TDL_CLOCK_MHZ >= 96 && TDL_CLOCK_MHZ <= 168, "the PLL reaches 96 to 168 MHz");

// The PLL locks within 300 us (ST DS8626, PLL characteristics); at 16 MHz and 3 or more cycles a turn this is over 500 us.
enum { LOCK_TURNS = 3000 };

void clock_init(void) {
  // Five wait states, prefetch, instruction and data cache: what 168 MHz needs at 2.7 to 3.6 V, and lower clocks may have.
  FLASH_ACR = 0x705u;
  RCC_PLLCFGR = 16u | (2u * TDL_CLOCK_MHZ << 6) | (7u << 24);
  RCC_CR = (1u << 24) | 0x81u;  // PLL on, HSI on with its reset trim
  // A fixed delay, not a poll of the ready bit: simulators without an RCC model would never leave the poll.
  for (uint32_t turn = 0; turn < LOCK_TURNS; turn++) __asm__ volatile("nop");
  RCC_CFGR = (5u << 10) | (4u << 13) | 2u;  // APB1 = core / 4, APB2 = core / 2, run from the PLL

  DEMCR = 1u << 24;  // TRCENA: power the DWT
  DWT_CYCCNT = 0;
  DWT_CTRL = 1u;
}

uint64_t clock_cycles(void) {
  static uint32_t low, high;
  uint32_t now = DWT_CYCCNT;
  if (now < low) high++;
  low = now;
  return ((uint64_t)high << 32) | now;
}

uint64_t clock_microseconds(void) { return clock_cycles() / TDL_CLOCK_MHZ; }
