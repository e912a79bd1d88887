/* tdl_asm_cortex_m4.h: pieces of assembly that the inner loops for the Cortex-M4 share. */
#ifndef TDL_ASM_CORTEX_M4_H
#define TDL_ASM_CORTEX_M4_H

/* Jumps to label 4, 3, 2 or 1: so many steps of a turn of four are left at first. `count` is 1 or more, and is lost. */
#define TDL_ENTER(count)                                                              \
  "lsls " count ", " count ", #31\n\t" /* carry: count & 2; negative: count & 1 */    \
  "bcs 5f\n\t"                                                                        \
  "bmi 1f\n\t"                                                                        \
  "b 4f\n"                                                                            \
  "5:\n\t"                                                                            \
  "bmi 3f\n\t"                                                                        \
  "b 2f\n"

/* tdl_output of `sum`, which is twice what it stands for; the result takes its place. `spare` is lost. */
#define TDL_SCALE(sum, multiplier, offset, shift, spare)         \
  "add " spare ", " offset ", " sum ", asr #31\n\t"              \
  "smmlar " sum ", " sum ", " multiplier ", " spare "\n\t"       \
  "asr " sum ", " sum ", " shift "\n\t"                          \
  "ssat " sum ", #8, " sum "\n\t"

/* The same where it is 256 times what it stands for. */
#define TDL_SCALE_PAIRS(sum, multiplier, offset, shift, spare)   \
  "asr " sum ", " sum ", #7\n\t"                                 \
  TDL_SCALE(sum, multiplier, offset, shift, spare)

#endif
