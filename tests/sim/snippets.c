// Short stretches of assembly, one a layer, whose cycles test_cycle_model.py adds up by hand.
#include <stdint.h>

#include "tdl_model.h"

int8_t tdl_input[16] __attribute__((aligned(16)));
int8_t tdl_output[16] __attribute__((aligned(16)));

#define SNIPPET(name, text)    \
  void tdl_layer_##name(void); \
  __attribute__((naked, noinline)) void tdl_layer_##name(void) { __asm__ volatile(text); }
#define R1_TO_INPUT "movw r1, #:lower16:tdl_input\n movt r1, #:upper16:tdl_input\n"

SNIPPET(00_alu, "adds r0, r0, #1\n mul r0, r0, r0\n smlad r0, r0, r0, r0\n bx lr")
SNIPPET(01_independent_loads, R1_TO_INPUT "ldr r0, [r1]\n ldr r2, [r1, #4]\n ldrb r3, [r1, #8]\n bx lr")
SNIPPET(02_dependent_load, R1_TO_INPUT "str r1, [r1]\n ldr r2, [r1]\n ldr r3, [r2]\n bx lr")
SNIPPET(03_stores,
        R1_TO_INPUT "movs r3, #0\n ldr r0, [r1]\n str r0, [r1, r3]\n str r0, [r1, r3]\n str r0, [r1, #4]\n bx lr")
SNIPPET(04_loop, R1_TO_INPUT
        "movs r3, #10\n movs r0, #0\n"
        "1: ldrsb r2, [r1]\n ldrsb r12, [r1, #1]\n mla r0, r2, r12, r0\n subs r3, #1\n bne 1b\n bx lr")
SNIPPET(05_it, "movs r0, #0\n cmp r0, #0\n ite eq\n moveq r0, #1\n movne r0, #2\n bx lr")
SNIPPET(06_push_pop, "push {r4, r5, r6, r7, lr}\n pop {r4, r5, r6, r7, pc}")
SNIPPET(07_ldm_stm, R1_TO_INPUT "ldmia r1, {r0, r2, r3, r12}\n stmia r1, {r0, r2, r3}\n bx lr")
SNIPPET(08_divide, "movs r0, #9\n movs r1, #2\n sdiv r2, r0, r1\n udiv r3, r0, r1\n bx lr")
SNIPPET(09_float, R1_TO_INPUT
        "vldr s0, [r1]\n vldr d1, [r1, #8]\n vadd.f32 s0, s0, s2\n vmla.f32 s0, s0, s2\n vdiv.f32 s4, s0, s2\n"
        "vstr s0, [r1]\n vmov r0, r2, d1\n vpush {d8, d9}\n vpop {d8, d9}\n bx lr")
SNIPPET(10_double_words, R1_TO_INPUT "ldrd r2, r3, [r1]\n strd r2, r3, [r1, #8]\n bx lr")
SNIPPET(11_many_loads, R1_TO_INPUT ".rept 1500\n ldr r0, [r1]\n .endr\n bx lr")
SNIPPET(12_branch_to_next, "b.n 1f\n 1: bx lr")
SNIPPET(13_cbz_taken, "movs r0, #0\n cbz r0, 1f\n nop\n 1: bx lr")
SNIPPET(14_call, "push {r4, lr}\n bl 1f\n pop {r4, pc}\n 1: bx lr")
SNIPPET(15_table_branch, "movs r0, #1\n tbb [pc, r0]\n 2: .byte (3f - 2b) / 2, (4f - 2b) / 2\n 3: nop\n 4: bx lr")
SNIPPET(16_status, "mrs r0, apsr\n msr apsr_nzcvq, r0\n bx lr")

void tdl_infer(void) {
  for (uint32_t i = 0; i < tdl_model.layer_count; i++) tdl_model.layers[i].run();
}

static const tdl_layer layers[] = {
    {"", tdl_layer_00_alu},
    {"", tdl_layer_01_independent_loads},
    {"", tdl_layer_02_dependent_load},
    {"", tdl_layer_03_stores},
    {"", tdl_layer_04_loop},
    {"", tdl_layer_05_it},
    {"", tdl_layer_06_push_pop},
    {"", tdl_layer_07_ldm_stm},
    {"", tdl_layer_08_divide},
    {"", tdl_layer_09_float},
    {"", tdl_layer_10_double_words},
    {"", tdl_layer_11_many_loads},
    {"", tdl_layer_12_branch_to_next},
    {"", tdl_layer_13_cbz_taken},
    {"", tdl_layer_14_call},
    {"", tdl_layer_15_table_branch},
    {"", tdl_layer_16_status},
};
static const tdl_tensor outputs[] = {{TDL_INT8, 0, 16, 1.0f, 0}};
const tdl_model_info tdl_model = {
    "snippets", tdl_input, tdl_output, 0, 16, 16, 1, outputs, sizeof layers / sizeof *layers, layers, 0};
