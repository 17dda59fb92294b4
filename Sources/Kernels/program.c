#include <stdlib.h>

#include "instruction_set.h"
#include "program_machine.h"
#include "program_packed.h"

// MARK: one row

/// Copies the elements that repeat into scratch, followed by as many as a tile may need.
static void expand(const bt_program *program, const bt_wrapped *wrapped) {
  const bt_program_operand *operand = wrapped->operand;
  int64_t period = wrapped->period, width = period + bt_tile_width(program);
  size_t size = (size_t)wrapped->size;
  if (operand->dtype == bt_bool)
    bt_current_set()->cast[program->dtype][bt_bool](period, wrapped->base, wrapped->source);
  else
    memcpy(wrapped->base, wrapped->source, (size_t)period * size);
  for (int64_t filled = period, more; filled < width; filled += more) {
    more = bt_min(filled, width - filled);
    memcpy(wrapped->base + filled * wrapped->size, wrapped->base, (size_t)more * size);
  }
}

static void start_wrapped(const bt_program *program, bt_machine *machine) {
  for (int64_t i = 0; i < machine->wrapped_count; ++i) {
    bt_wrapped *wrapped = &machine->wrapped[i];
    if (wrapped->source == wrapped->expanded) continue;
    expand(program, wrapped);
    wrapped->expanded = wrapped->source;
  }
}

static void rewind_wrapped(bt_machine *machine) {
  for (int64_t i = 0; i < machine->wrapped_count; ++i) {
    bt_wrapped *wrapped = &machine->wrapped[i];
    wrapped->phase = machine->begin % wrapped->period;
    wrapped->moved->address = wrapped->base + wrapped->phase * wrapped->size;
  }
}

/// The machine for a row that is one piece; null if it takes several.
static bt_run_tiles one_piece(const bt_programs *run, int64_t columns) {
  return columns <= run->narrow_width     ? run->narrow
         : columns <= 4 * run->lanes      ? run->half
         : columns == 8 * run->lanes      ? run->full
                                          : NULL;
}

static void run_columns(const bt_program *program, bt_machine *machine, const bt_step *steps,
                        const bt_step *steps_end) {
  const bt_programs *run = bt_programs_of(program);
  int64_t half = 4 * run->lanes, at = machine->begin, end = machine->end;
  int64_t middle = end - (end - at) % (2 * half);
  if (middle > at) run->full(machine, steps, steps_end, at, middle);
  at = middle;
  int64_t rest = (end - at) % half;
  if (rest <= run->narrow_width) {
    if (end - rest > at) run->half(machine, steps, steps_end, at, end - rest);
    at = end - rest;
    if (rest > 0 || machine->begin == end) run->narrow(machine, steps, steps_end, at, end);
  } else {
    run->half(machine, steps, steps_end, at, end);
  }
}

static void run_row(const bt_program *program, bt_machine *machine, int64_t begin, int64_t end) {
  const bt_programs *run = bt_programs_of(program);
  machine->begin = begin;
  machine->end = end;
  if (machine->wrapped_count) start_wrapped(program, machine);
  if (program->prepared.is_sequence) {
    bt_run_tiles run_all = one_piece(run, end - begin);
    if (run_all) {
      if (machine->wrapped_count) rewind_wrapped(machine);
      run_all(machine, program->steps, program->steps + program->step_count, begin, end);
      return;
    }
  }
  for (int32_t i = 0; i < program->pass_count; ++i) {
    const bt_pass *pass = &program->passes[i];
    const bt_step *steps = program->steps + pass->first, *steps_end = steps + pass->count;
    if (pass->is_row) {
      run->narrow(machine, steps, steps_end, 0, 1);
    } else {
      if (machine->wrapped_count) rewind_wrapped(machine);
      run_columns(program, machine, steps, steps_end);
    }
  }
}

// MARK: all rows

static char **moving_address(bt_machine *machine, const bt_program *program, int32_t i) {
  if (!program->operands[i].prepared.is_wrapped) return &machine->operands[i].address;
  for (bt_wrapped *wrapped = machine->wrapped;; ++wrapped)
    if (wrapped->operand == &program->operands[i]) return &wrapped->source;
}

static int64_t find_moves(const bt_program *program, bt_machine *machine, int32_t axis,
                          bt_move *moves) {
  int64_t count = 0;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    const bt_program_operand *operand = &program->operands[i];
    if (!bt_is_memory(operand->place) || operand->strides[axis] == 0) continue;
    int64_t step = operand->strides[axis] * (int64_t)bt_dtype_sizes[operand->dtype];
    moves[count++] = (bt_move){moving_address(machine, program, i), step};
  }
  return count;
}

static void walk(const bt_program *program, bt_machine *machine, int32_t axis, int64_t begin,
                 int64_t end, bt_move *moves) {
  int64_t count = find_moves(program, machine, axis, moves);
  bool is_last = axis == program->rank - 1;
  if (begin > 0) for (int64_t k = 0; k < count; ++k) *moves[k].address += begin * moves[k].step;
  if (axis == program->prepared.packed_axis) {
    bt_run_packed(program, machine, begin, end, moves, count);
  } else {
    for (int64_t i = begin; i < end; ++i) {
      if (is_last) run_row(program, machine, 0, program->columns);
      else
        walk(program, machine, axis + 1, 0, program->extents[axis + 1],
             moves + program->operand_count);
      for (int64_t k = 0; k < count; ++k) *moves[k].address += moves[k].step;
    }
  }
  for (int64_t k = 0; k < count; ++k) *moves[k].address -= end * moves[k].step;
}

/// The operands for this thread: those in scratch have their places there.
static void take_operands(const bt_program *program, bt_machine *machine, char *scratch) {
  machine->operands = (bt_program_operand *)scratch;
  memcpy(scratch, program->operands, (size_t)program->operand_count * sizeof(bt_program_operand));
  bt_program_operand *operand = machine->operands;
  for (int32_t left = program->operand_count; left > 0; --left, ++operand)
    if (operand->prepared.scratch >= 0) operand->address = scratch + operand->prepared.scratch;
}

/// Those that repeat; sums begin at 0.
static void find_wrapped(const bt_program *program, bt_machine *machine) {
  bt_wrapped *wrapped = machine->wrapped;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    bt_program_operand *operand = &program->operands[i], *moved = &machine->operands[i];
    if (!operand->prepared.is_wrapped) continue;
    bool sums = operand->place == bt_column_sums;
    char *source = sums ? NULL : operand->address;
    *wrapped++ = (bt_wrapped){moved, operand, moved->address, source, NULL, 0, operand->period,
                              sums ? 8 : bt_program_size(program)};
  }
}

static int64_t sums_width(const bt_program *program, const bt_program_operand *operand) {
  int64_t period = bt_operand_period(program, operand);
  return operand->prepared.is_wrapped ? period + bt_tile_width(program) : period;
}

static void clear_sums(const bt_program *program, const bt_machine *machine, char *scratch) {
  for (int32_t i = 0; i < program->operand_count; ++i) {
    const bt_program_operand *operand = &program->operands[i];
    char *sums = scratch + operand->prepared.scratch;
    if (operand->place == bt_totals) memset(sums, 0, bt_partial_bytes);
    if (operand->place != bt_column_sums) continue;
    size_t bytes = (size_t)sums_width(program, operand) * 8;
    memset(sums, 0, bytes);
    if (program->dtype == bt_float64) memset(sums + machine->apart, 0, bytes);
  }
}

static void store_sums(const bt_program *program, const bt_machine *machine, char *scratch,
                       int64_t chunk) {
  const bt_programs *run = bt_programs_of(program);
  for (int32_t i = 0; i < program->operand_count; ++i) {
    const bt_program_operand *operand = &program->operands[i];
    char *sums = scratch + operand->prepared.scratch;
    if (operand->place == bt_totals)
      run->total(sums, operand->address + chunk * bt_program_size(program));
    if (operand->place != bt_column_sums) continue;
    int64_t period = bt_operand_period(program, operand);
    run->column_sums(period, sums_width(program, operand), sums, machine->apart,
                     operand->address + chunk * period * bt_program_size(program));
  }
}

// MARK: what an instruction runs

/// Columns alone, without sums and operands that repeat: there is nothing to do but run.
static inline void run_plain(const bt_program *program, bt_program_operand *operands, int64_t begin,
                             int64_t end) {
  bt_machine machine;
  machine.operands = operands;
  machine.wrapped_count = 0;
  machine.begin = begin;
  machine.end = end;
  bt_run_tiles run_all = one_piece(bt_programs_of(program), end - begin);
  const bt_step *steps_end = program->steps + program->step_count;
  if (run_all) run_all(&machine, program->steps, steps_end, begin, end);
  else run_columns(program, &machine, program->steps, steps_end);
}

static char *thread_scratch(const bt_program *program) {
  char *scratch = bt_scratch(bt_scratch_program, (size_t)program->prepared.scratch_bytes);
  if (!scratch) abort();
  return scratch;
}

static __attribute__((noinline)) void run_plain_in_scratch(const bt_program *program, int64_t begin,
                                                           int64_t end) {
  enum { room = 4096 };
  _Alignas(64) char own[room];
  bool fits = program->prepared.scratch_bytes <= room;
  bt_machine machine;
  take_operands(program, &machine, fits ? own : thread_scratch(program));
  run_plain(program, machine.operands, begin, end);
}

static __attribute__((noinline)) void run_rows(const bt_program *program, int64_t begin,
                                               int64_t end, int64_t chunk) {
  char *scratch = thread_scratch(program);
  bt_machine machine;
  take_operands(program, &machine, scratch);
  machine.wrapped = (bt_wrapped *)(machine.operands + program->operand_count);
  machine.wrapped_count = program->prepared.wrapped_count;
  machine.apart = program->prepared.sums_apart;
  if (machine.wrapped_count) find_wrapped(program, &machine);
  bool sums = program->prepared.sum_count > 0;
  if (sums) clear_sums(program, &machine, scratch);
  if (program->rank > 0) {
    bt_move *moves = (bt_move *)(machine.wrapped + machine.wrapped_count);
    bt_packed packed;
    int32_t axis = program->prepared.packed_axis;
    if (axis >= 0) {
      bt_move *behind = moves + program->rank * program->operand_count;
      bt_start_packed(program, &machine, &packed, axis == 0 ? end - begin : program->extents[axis],
                      (char *)behind);
    }
    if (begin < end) walk(program, &machine, 0, begin, end, moves);
  } else {
    begin *= program->unit;
    end = bt_min(end * program->unit, program->columns);
    if (begin < end) run_row(program, &machine, begin, end);
  }
  if (sums) store_sums(program, &machine, scratch, chunk);
}

void bt_run_program(const void *body, int64_t begin, int64_t end, int64_t chunk) {
  const bt_program *program = body;
  if (!program->prepared.is_plain) {
    run_rows(program, begin, end, chunk);
    return;
  }
  begin *= program->unit;
  end = bt_min(end * program->unit, program->columns);
  if (begin >= end) return;
  if (program->prepared.takes_scratch) run_plain_in_scratch(program, begin, end);
  else run_plain(program, program->operands, begin, end);
}
