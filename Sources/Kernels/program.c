#include "program.h"

#include <stdlib.h>

static const bt_programs *programs_of(const bt_program *program) {
  return program->prepared.set;
}

static int64_t size_of(const bt_program *program) {
  return (int64_t)bt_dtype_sizes[program->dtype];
}

/// Elements after which a column sum, or an operand that repeats, begins again.
static int64_t period_of(const bt_program *program, const bt_program_operand *operand) {
  return operand->period > 0 ? operand->period : program->columns;
}

static bool is_memory(bt_place place) {
  return place == bt_stream || place == bt_row_element || place == bt_periodic;
}

// MARK: preparation

/// Addresses of operands that move along an axis, and by how many bytes.
typedef struct {
  char **address;
  int64_t step;
} bt_move;

static int64_t scratch_bytes(const bt_program *program, const bt_program_operand *operand) {
  int64_t size = size_of(program), width = programs_of(program)->width;
  switch (operand->place) {
    case bt_periodic: return operand->prepared.is_wrapped ? (operand->period + width) * size : -1;
    case bt_tile: return width * size;
    case bt_row: return (program->columns + width) * size;
    case bt_slot: return bt_slot_bytes + bt_partial_bytes;
    // Doubles, and for float64 twice.
    case bt_column_sums: return (period_of(program, operand) + width) * 8;
    case bt_totals: return bt_partial_bytes;
    default: return -1;
  }
}

static void prepare_operand(bt_program *program, bt_program_operand *operand) {
  bt_place place = operand->place;
  bool repeats = (place == bt_periodic || place == bt_column_sums) && operand->period > 0 &&
                 operand->period < program->columns;
  operand->prepared.number = (float)operand->number;
  operand->prepared.is_wrapped = repeats;
  operand->prepared.is_splat = place == bt_row_element || place == bt_number || place == bt_slot;
  operand->prepared.is_stepped = !repeats && (place == bt_stream || place == bt_row ||
                                              place == bt_periodic || place == bt_column_sums);
  operand->prepared.scratch = -1;
}

static bool is_bool(const bt_program_operand *operand) {
  return operand->dtype == bt_bool && is_memory(operand->place) && !operand->prepared.is_wrapped;
}

static int code_of(const bt_program *program, const bt_step *step, bool is_row) {
  const bt_program_operand *x = &program->operands[step->x], *y = &program->operands[step->y];
  int operation = step->operation;
  int splat = x->prepared.is_splat ? bt_code_splat : 0;
  int converted = is_bool(x) ? bt_code_bool : 0;
  if (operation >= bt_step_binary) {
    bool is_reversed = operation >= bt_step_reversed;
    int binary = operation - (is_reversed ? bt_step_reversed : bt_step_binary);
    // Where the order makes no difference there is one code.
    bool commutes = binary == bt_add || binary == bt_multiply || binary == bt_equal ||
                    binary == bt_not_equal || binary >= bt_and;
    int base = is_reversed && !commutes ? bt_code_reversed : bt_code_binary;
    return converted + base + 2 * binary + splat;
  }
  if (operation >= bt_step_unary) return operation;
  switch (operation) {
    case bt_step_store:
      if (is_row) return converted ? bt_code_store_one_bool : bt_code_store_one;
      if (x->place == bt_tile || x->place == bt_row) return bt_code_keep;
      return converted ? bt_code_store_bool : bt_code_store;
    case bt_step_select: {
      int select = is_bool(y) ? bt_code_select_bool : bt_code_select;
      return converted + select + splat + (y->prepared.is_splat ? 2 : 0);
    }
    case bt_step_sum:
      return x->place == bt_column_sums ? bt_code_column_sum
             : x->place == bt_totals    ? bt_code_total
                                        : bt_code_row_sum;
    case bt_step_max: return bt_code_row_max;
    case bt_step_min: return bt_code_row_min;
    default: return converted + bt_code_load + splat;
  }
}

/// Where scratch begins: locations and the operands that repeat lie before it.
static int64_t align(int64_t bytes) { return (bytes + 63) & ~(int64_t)63; }

void bt_prepare_program(bt_program *program) {
  const bt_set *set = bt_current_set();
  program->prepared.set = program->dtype == bt_float32 ? &set->programs32 : &set->programs64;
  program->prepared.wrapped_count = 0;
  program->prepared.sum_count = 0;
  program->prepared.sums_apart = 0;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    bt_program_operand *operand = &program->operands[i];
    prepare_operand(program, operand);
    program->prepared.wrapped_count += operand->prepared.is_wrapped;
    bool sums = operand->place == bt_column_sums;
    program->prepared.sum_count += sums || operand->place == bt_totals;
    if (sums)
      program->prepared.sums_apart =
          bt_max(program->prepared.sums_apart, align(scratch_bytes(program, operand)));
  }
  int64_t bytes = align(program->operand_count * (int64_t)sizeof(bt_location) +
                        program->prepared.wrapped_count * (int64_t)sizeof(bt_wrapped) +
                        program->rank * program->operand_count * (int64_t)sizeof(bt_move));
  for (int32_t i = 0; i < program->operand_count; ++i) {
    bt_program_operand *operand = &program->operands[i];
    int64_t own = scratch_bytes(program, operand);
    if (own < 0) continue;
    operand->prepared.scratch = bytes;
    if (operand->place == bt_column_sums && program->dtype == bt_float64)
      own = 2 * program->prepared.sums_apart;
    bytes += align(own);
  }
  program->prepared.scratch_bytes = bytes;
  for (int32_t i = 0; i < program->pass_count; ++i) {
    bt_pass pass = program->passes[i];
    for (bt_step *step = program->steps + pass.first; pass.count > 0; ++step, --pass.count)
      step->code = (uint8_t)code_of(program, step, pass.is_row);
  }
}

// MARK: one row

/// Copies the elements that repeat into scratch, followed by as many as a tile may need.
static void expand(const bt_program *program, const bt_wrapped *wrapped) {
  const bt_program_operand *operand = wrapped->operand;
  int64_t period = wrapped->period, width = period + programs_of(program)->width;
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
    wrapped->location->address = wrapped->base + wrapped->phase * wrapped->size;
  }
}

static void run_row(const bt_program *program, bt_machine *machine, int64_t begin, int64_t end) {
  const bt_programs *run = programs_of(program);
  int64_t middle = end - (end - begin) % run->width;
  if (machine->wrapped_count) start_wrapped(program, machine);
  for (int32_t i = 0; i < program->pass_count; ++i) {
    const bt_pass *pass = &program->passes[i];
    const bt_step *steps = program->steps + pass->first, *steps_end = steps + pass->count;
    if (pass->is_row) {
      machine->begin = 0;
      machine->end = 1;
      run->narrow(machine, steps, steps_end, 0, 1);
      continue;
    }
    machine->begin = begin;
    machine->end = end;
    if (machine->wrapped_count) rewind_wrapped(machine);
    if (middle > begin) run->full(machine, steps, steps_end, begin, middle);
    if (middle < end || begin == end) run->narrow(machine, steps, steps_end, middle, end);
  }
}

// MARK: all rows

static char **moving_address(bt_machine *machine, const bt_program *program, int32_t i) {
  if (!program->operands[i].prepared.is_wrapped) return &machine->locations[i].address;
  for (bt_wrapped *wrapped = machine->wrapped;; ++wrapped)
    if (wrapped->operand == &program->operands[i]) return &wrapped->source;
}

static int64_t find_moves(const bt_program *program, bt_machine *machine, int32_t axis,
                          bt_move *moves) {
  int64_t count = 0;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    const bt_program_operand *operand = &program->operands[i];
    if (!is_memory(operand->place) || operand->strides[axis] == 0) continue;
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
  for (int64_t i = begin; i < end; ++i) {
    if (is_last) run_row(program, machine, 0, program->columns);
    else
      walk(program, machine, axis + 1, 0, program->extents[axis + 1],
           moves + program->operand_count);
    for (int64_t k = 0; k < count; ++k) *moves[k].address += moves[k].step;
  }
  for (int64_t k = 0; k < count; ++k) *moves[k].address -= end * moves[k].step;
}

/// Locations of all operands for this thread; sums begin at 0.
static void locate(const bt_program *program, bt_machine *machine, char *scratch) {
  bt_wrapped *wrapped = machine->wrapped;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    bt_program_operand *operand = &program->operands[i];
    bt_location *location = &machine->locations[i];
    int64_t at = operand->prepared.scratch;
    location->mask = operand->prepared.is_stepped ? -1 : 0;
    if (at >= 0) location->address = scratch + at;
    else if (operand->place != bt_number) location->address = operand->address;
    else if (program->dtype == bt_float64) location->address = (char *)&operand->number;
    else location->address = (char *)&operand->prepared.number;
    if (operand->prepared.is_wrapped) {
      bool sums = operand->place == bt_column_sums;
      char *source = sums ? NULL : operand->address;
      *wrapped++ = (bt_wrapped){location, operand, scratch + at, source, NULL, 0, operand->period,
                                sums ? 8 : size_of(program)};
    }
  }
}

static int64_t sums_width(const bt_program *program, const bt_program_operand *operand) {
  int64_t period = period_of(program, operand);
  return operand->prepared.is_wrapped ? period + programs_of(program)->width : period;
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
  const bt_programs *run = programs_of(program);
  for (int32_t i = 0; i < program->operand_count; ++i) {
    const bt_program_operand *operand = &program->operands[i];
    char *sums = scratch + operand->prepared.scratch;
    if (operand->place == bt_totals) run->total(sums, operand->address + chunk * size_of(program));
    if (operand->place != bt_column_sums) continue;
    int64_t period = period_of(program, operand);
    run->column_sums(period, sums_width(program, operand), sums, machine->apart,
                     operand->address + chunk * period * size_of(program));
  }
}

void bt_run_program(const void *body, int64_t begin, int64_t end, int64_t chunk) {
  const bt_program *program = body;
  char *scratch = bt_scratch(bt_scratch_program, (size_t)program->prepared.scratch_bytes);
  if (!scratch) abort();
  bt_machine machine;
  machine.locations = (bt_location *)scratch;
  machine.wrapped = (bt_wrapped *)(machine.locations + program->operand_count);
  machine.wrapped_count = program->prepared.wrapped_count;
  machine.apart = program->prepared.sums_apart;
  locate(program, &machine, scratch);
  bool sums = program->prepared.sum_count > 0;
  if (sums) clear_sums(program, &machine, scratch);
  if (program->rank > 0) {
    bt_move *moves = (bt_move *)(machine.wrapped + machine.wrapped_count);
    if (begin < end) walk(program, &machine, 0, begin, end, moves);
  } else {
    begin *= program->unit;
    end = bt_min(end * program->unit, program->columns);
    if (begin < end) run_row(program, &machine, begin, end);
  }
  if (sums) store_sums(program, &machine, scratch, chunk);
}
