// The end contract: every way out of the firmware goes through here.
#ifndef TDL_SEMIHOST_H
#define TDL_SEMIHOST_H

#include <stdint.h>

// Prints `EXIT <code>`, asks the simulator or debugger to stop (semihosting SYS_EXIT_EXTENDED), then loops.
_Noreturn void semihost_exit(uint32_t code);

// True once semihost_exit runs: a board without a debugger faults on its breakpoint and must stay quiet then.
int semihost_exiting(void);

#endif
