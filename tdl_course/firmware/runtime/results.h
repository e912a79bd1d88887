// The model's output as text.
#ifndef TDL_RESULTS_H
#define TDL_RESULTS_H

// Prints `m-results-[0.004,0.996,...]`: real values with 3 decimals. An error line where the output is not int8.
void results_print(void);

// Prints `x-output-HH-HH-...`: the bytes of the outputs.
void results_print_bytes(void);

#endif
