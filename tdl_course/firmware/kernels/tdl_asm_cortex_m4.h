/* tdl_asm_cortex_m4.h: pieces of assembly that the inner loops for the Cortex-M4 share. */
#ifndef TDL_ASM_CORTEX_M4_H
#define TDL_ASM_CORTEX_M4_H

/* Steps run four a turn, at labels 4, 3, 2 and 1. Where to begin, so that `count` steps (1 or more) are left: the address
 * of a label, for TDL_ENTER. A step takes `bytes` bytes of code, so all its instructions are wide. `entry` and `count` are two registers; both are lost. */
#define TDL_ENTRY(entry, count, bytes) \
  "rsb " count ", " count              \
  ", #4\n\t"                           \
  "and " count ", " count              \
  ", #3\n\t"                           \
  "mov " entry ", #" bytes             \
  "\n\t"                               \
  "mul " count ", " count ", " entry   \
  "\n\t"                               \
  "adr " entry                         \
  ", 4f\n\t"                           \
  "orr " entry ", " entry              \
  ", #1\n\t"                           \
  "add " entry ", " entry ", " count "\n\t"
#define TDL_ENTER(entry) "bx " entry "\n\t.balign 4\n"

/* tdl_output of `sum`, which is twice what it stands for; the result takes its place. `spare` is lost. */
#define TDL_SCALE(sum, multiplier, offset, shift, spare) \
  "add " spare ", " offset ", " sum                      \
  ", asr #31\n\t"                                        \
  "smmlar " sum ", " sum ", " multiplier ", " spare      \
  "\n\t"                                                 \
  "asr " sum ", " sum ", " shift                         \
  "\n\t"                                                 \
  "ssat " sum ", #8, " sum "\n\t"

/* The same where it is 256 times what it stands for. */
#define TDL_SCALE_PAIRS(sum, multiplier, offset, shift, spare) \
  "asr " sum ", " sum ", #7\n\t" TDL_SCALE(sum, multiplier, offset, shift, spare)

#endif
