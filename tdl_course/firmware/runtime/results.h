// The model's outputs as text. One after the other, where there are several.
#ifndef TDL_RESULTS_H
#define TDL_RESULTS_H

// Prints `m-results-[0.004,0.996,...]`: real values with 3 decimals, as C's "%.3f" prints them. One score for a model
// that is scored.
void results_print(void);

// Prints `x-output-HH-HH-...`: the bytes of the outputs.
void results_print_bytes(void);

#endif
