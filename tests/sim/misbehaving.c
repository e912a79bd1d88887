// A model that does, by the first byte of its input, one thing that a device cannot do.
#include <stdint.h>

#include "tdl_model.h"

enum {
  NOTHING,
  READ_NOWHERE,
  WRITE_FLASH,
  UNDEFINED,
  OVERFLOW,
  ENDLESS,
  JUMP_TO_RAM,
  PAST_RAM,
  STOP,
  LEAK,
  SVC,
  CREEP
};

int8_t tdl_input[4] __attribute__((aligned(16)));
int8_t tdl_output[4] __attribute__((aligned(16)));
volatile uint32_t sink;

void tdl_layer_00_misbehave(void);
uint32_t dig(uint32_t depth);
void write_flash(void);
void creep(uint32_t bytes);

// Needs more stack than there is RAM.
__attribute__((noinline)) uint32_t dig(uint32_t depth) {
  volatile uint32_t room[64];
  for (uint32_t i = 0; i < 64; i++) room[i] = depth;
  return depth == 0 ? 0u : dig(depth - 1u) + room[depth % 64u];
}

__attribute__((noinline)) void write_flash(void) { *(volatile uint32_t *)0x08000100u = 1u; }

// Writes `bytes` below the stack pointer, as a large local array does: into static data when there are too many.
__attribute__((naked, noinline)) void creep(uint32_t bytes) {
  __asm__ volatile("mov r1, sp\n mov r2, sp\n 1: str r0, [r1, #-4]!\n subs r0, #4\n bne 1b\n mov sp, r2\n bx lr" ::
                       : "memory");
}

__attribute__((noinline)) void tdl_layer_00_misbehave(void) {
  extern uint32_t _ebss[], _estack[];
  switch (tdl_input[0]) {
    case READ_NOWHERE: sink = *(volatile uint32_t *)0x60000000u; break;
    case WRITE_FLASH: write_flash(); break;
    case UNDEFINED: __asm__ volatile("udf #0"); break;
    case OVERFLOW: sink = dig(10000); break;
    case ENDLESS:
      for (;;) __asm__ volatile("");
    case JUMP_TO_RAM: ((void (*)(void))((uintptr_t)&sink | 1u))(); break;
    case PAST_RAM: *(volatile uint32_t *)_estack = 1u; break;
    case STOP: {
      static const uint32_t block[2] = {0x20026, 3};
      register uint32_t r0 __asm__("r0") = 0x20;
      register const uint32_t *r1 __asm__("r1") = block;
      __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
      break;
    }
    case SVC: __asm__ volatile("svc #0"); break;
    case CREEP: creep((uint32_t)((uintptr_t)_estack - (uintptr_t)_ebss) - 16u); break;
    default: break;
  }
  tdl_output[0] = tdl_input[0];
}

void leak(void);
__attribute__((naked)) void leak(void) { __asm__ volatile("push {r0}\n bx lr"); }

__attribute__((naked)) void tdl_infer(void) {
  __asm__ volatile(
      "push {r4, lr}\n bl tdl_layer_00_misbehave\n pop {r4, lr}\n"
      "movw r1, #:lower16:tdl_input\n movt r1, #:upper16:tdl_input\n ldrb r1, [r1]\n cmp r1, %0\n beq leak\n bx lr" ::
          "i"(LEAK));
}

static const tdl_layer layers[] = {{"misbehave", tdl_layer_00_misbehave}};
static const tdl_tensor outputs[] = {{TDL_INT8, 0, 4, 1.0f, 0}};
const tdl_model_info tdl_model = {"misbehaving", tdl_input, tdl_output, 0, 4, 4, 1, outputs, 1, layers, 0};
