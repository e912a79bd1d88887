// The `db` commands: the host fills the model's input over the serial line, and reads it back.
#ifndef TDL_BUFFER_H
#define TDL_BUFFER_H

// Serves `db ...`; `rest` is the text behind the word "db".
void buffer_command(char *rest);

// 1 unless a load has begun and bytes are still missing; prints the error and returns 0 then.
int buffer_ready(void);

#endif
