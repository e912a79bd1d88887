/* counter.c: counts how often each translated block of a simulated program runs, and how it is left.
 *
 * In:  a tdl_counter that counter.py laid out (arrays zeroed by Python), registered as Unicorn's block callback.
 * Out: per scope and block, the executions and how many of them were left by a jump (next block not adjacent).
 * Knows neither instructions nor cycles: profile.py multiplies the counts by the cost of each block afterwards,
 * so the callback stays a few loads and adds, and a change of the cycle model never touches this file.
 *
 * A scope is a stretch of execution that is accounted for separately: from the entry of a marked function until it
 * returns to its caller (return address and stack pointer as at entry). Scope 0 is everything outside of them.
 * Scopes do not nest: a marked function that is called from another one counts towards the outer one. */
#include <stdint.h>

typedef struct uc_struct uc_engine; /* Unicorn's handle: only passed on, so its header is not needed */
typedef int (*tdl_reg_read)(uc_engine *, int reg, void *value);

enum { UC_ARM_REG_LR = 10, UC_ARM_REG_SP = 12 };

typedef struct {
  uint32_t address; /* of the first instruction */
  uint32_t size;    /* bytes */
  uint32_t next;    /* 1 + index of another block at this address with another size, 0: none */
} tdl_block;

typedef struct {
  uint64_t count; /* executions */
  uint64_t taken; /* of which the next block did not follow directly in memory */
} tdl_cell;

typedef struct {
  uint32_t base;      /* address of the first byte of code */
  uint32_t halfwords; /* length of the code range */
  uint32_t capacity;  /* blocks that fit */
  uint32_t used;      /* blocks seen so far */
  uint32_t *lookup;   /* [halfwords] 1 + index into blocks of the block seen last at this address, 0: none */
  uint16_t *scope_at; /* [halfwords] scope that opens at this address, 0: none */
  tdl_block *blocks;  /* [capacity] */
  tdl_cell *cells;    /* [scopes][capacity] */
  tdl_reg_read reg_read;
  tdl_cell *previous;    /* cell of the block that ran last, null: none yet */
  uint32_t previous_end; /* address after it */
  uint32_t scope;        /* open scope */
  uint32_t return_to;    /* where the open scope returns to */
  uint32_t return_sp;    /* stack pointer at its entry */
  uint32_t lost;         /* blocks not counted: outside of the code range, or more than capacity */
} tdl_counter;

static uint32_t reg_value(const tdl_counter *c, uc_engine *uc, int reg) {
  uint32_t value = 0;
  c->reg_read(uc, reg, &value);
  return value;
}

/* Index of the block, entered into the table when it is new; `capacity` when the table is full. */
static uint32_t block_index(tdl_counter *c, uint32_t halfword, uint32_t address, uint32_t size) {
  uint32_t head = c->lookup[halfword];
  for (uint32_t at = head; at != 0; at = c->blocks[at - 1].next)
    if (c->blocks[at - 1].size == size) return at - 1;
  if (c->used == c->capacity) return c->capacity;
  tdl_block *block = &c->blocks[c->used++];
  block->address = address;
  block->size = size;
  block->next = head;
  c->lookup[halfword] = c->used;
  return c->used - 1;
}

static void follow_scope(tdl_counter *c, uc_engine *uc, uint32_t halfword, uint32_t address) {
  if (c->scope != 0 && address == c->return_to && reg_value(c, uc, UC_ARM_REG_SP) == c->return_sp) c->scope = 0;
  if (c->scope == 0 && c->scope_at[halfword] != 0) {
    c->scope = c->scope_at[halfword];
    c->return_to = reg_value(c, uc, UC_ARM_REG_LR) & ~1u;
    c->return_sp = reg_value(c, uc, UC_ARM_REG_SP);
  }
}

void tdl_count_block(uc_engine *uc, uint64_t address64, uint32_t size, void *user) {
  tdl_counter *c = user;
  uint32_t address = (uint32_t)address64;
  uint32_t halfword = (address - c->base) >> 1;
  if (c->previous && address != c->previous_end) c->previous->taken++;
  c->previous = 0;
  if (halfword >= c->halfwords) {
    c->lost++;
    return;
  }
  follow_scope(c, uc, halfword, address);
  uint32_t index = block_index(c, halfword, address, size);
  if (index == c->capacity) {
    c->lost++;
    return;
  }
  tdl_cell *cell = &c->cells[(uint64_t)c->scope * c->capacity + index];
  cell->count++;
  c->previous = cell;
  c->previous_end = address + size;
}
