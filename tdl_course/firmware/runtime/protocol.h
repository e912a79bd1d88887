// The MLPerf Tiny device protocol over the UART.
#ifndef TDL_PROTOCOL_H
#define TDL_PROTOCOL_H

// Prints `m-init-done` and `m-ready`, then answers commands for ever.
_Noreturn void protocol_serve(void);

#endif
