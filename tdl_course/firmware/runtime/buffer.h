// The model's input and output as the host sees them: the `db` commands fill the input; what is there, and for how long.
#ifndef TDL_BUFFER_H
#define TDL_BUFFER_H

#include "tdl_model.h"

// Serves `db ...`: `words` are those behind "db", ended by a null pointer.
void buffer_command(char **words);

// 1 where the model's input is complete and no inference has used it up; prints the error and returns 0 otherwise. After
// reset the input is there: all zero.
int buffer_has_input(void);

// 1 where the output is that of an inference on the present input; prints the error and returns 0 otherwise: the output
// may lie where the next input is loaded.
int buffer_has_output(void);

// Before an inference: what the host has sent becomes the model's input, where it is not that already.
void buffer_to_model(void);

// An inference has run.
void buffer_used(void);

// Where the host sends float32 and wants a score: that form, else null.
const tdl_host_form *buffer_scored(void);

#endif
