#ifndef BACKTAPE_KERNELS_PROGRAM_MACHINE_H
#define BACKTAPE_KERNELS_PROGRAM_MACHINE_H

// How a tile program runs. For every row the machine goes over the columns, a tile of eight vectors
// at a time, which stay in registers while the steps act on them; what is left of a row goes
// through the same steps four vectors or fewer at a time. A row that fits in one piece makes all
// its passes at once, and rows of fewer than eight vectors share tiles (program_packed.h). Within a
// tile the steps run in order, so a program may write what it has read: an operand may have the
// address and the strides of another one.

#include "inner_loops.h"

/// What a step does, with what there is to know about its operands: bt_prepare_program writes these
/// into the steps. Unary operations keep their numbers, binary ones have two: for x that has an
/// element for each column, and for x that is one element (bt_code_splat more).
enum {
  bt_code_splat = 1,
  bt_code_load = 0,
  bt_code_store = 2,      // into memory: of the columns there are
  bt_code_keep = 3,       // into scratch: whole vectors
  bt_code_store_bool = 4,
  bt_code_store_one = 5,  // of the first column
  bt_code_store_one_bool = 6,
  bt_code_row_sum = 7,
  bt_code_column_sum = 8,
  bt_code_total = 9,
  bt_code_row_max = 10,
  bt_code_row_min = 11,
  bt_code_total_one = 20,  // of the first column
  bt_code_select = 12,       // + bt_code_splat for x, + 2 for y
  bt_code_select_bool = 16,  // the same with y to convert
  bt_code_unary = bt_step_unary,
  bt_code_binary = bt_step_binary,
  bt_code_reversed = bt_step_reversed,
  bt_code_bool = 128,  // x is to be converted, then the rest of the code
};

/// An operand that repeats along the columns: its address moves with every tile.
typedef struct {
  bt_program_operand *moved;
  const bt_program_operand *operand;
  char *base;              // in scratch
  char *source, *expanded;  // in memory: of this row, and what scratch holds
  int64_t phase, period, size;
} bt_wrapped;

typedef struct bt_packed bt_packed;  // see program_packed.h

struct bt_machine {
  bt_program_operand *operands;  // as this thread has them
  bt_wrapped *wrapped;
  int64_t wrapped_count;
  int64_t begin, end;  // of the columns of the row
  int64_t apart;       // bytes between column sums and what they have lost
  // Of packed rows: columns in each vector, offsets of scratch, vectors of a row, rows of a tile.
  bt_packed *packed;
  const int64_t *counts, *contiguous;
  int64_t row_vectors, tile_rows;
};

/// A slot is followed, this many bytes on, by the partial results of the reduction that fills it.
enum { bt_slot_bytes = 64, bt_partial_bytes = 128 };

/// Addresses of operands that move along an axis, and by how many bytes.
typedef struct {
  char **address;
  int64_t step;
} bt_move;

static inline const bt_programs *bt_programs_of(const bt_program *program) {
  return program->prepared.set;
}

/// Columns of a tile.
static inline int64_t bt_tile_width(const bt_program *program) {
  return 8 * bt_programs_of(program)->lanes;
}

static inline int64_t bt_program_size(const bt_program *program) {
  return (int64_t)bt_dtype_sizes[program->dtype];
}

/// Elements after which a column sum, or an operand that repeats, begins again.
static inline int64_t bt_operand_period(const bt_program *program,
                                        const bt_program_operand *operand) {
  return operand->period > 0 ? operand->period : program->columns;
}

static inline bool bt_is_memory(bt_place place) {
  return place == bt_stream || place == bt_row_element || place == bt_periodic;
}

/// Moves the operands that repeat on by `columns`.
static inline void bt_advance(bt_machine *machine, int64_t columns) {
  for (int64_t i = 0; i < machine->wrapped_count; ++i) {
    bt_wrapped *wrapped = &machine->wrapped[i];
    wrapped->phase += columns;
    if (wrapped->phase >= wrapped->period) {
      wrapped->phase -= wrapped->period;
      if (wrapped->phase >= wrapped->period) wrapped->phase %= wrapped->period;
    }
    wrapped->moved->address = wrapped->base + wrapped->phase * wrapped->size;
  }
}

#endif
