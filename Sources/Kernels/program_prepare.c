#include "instruction_set.h"
#include "program_machine.h"
#include "program_packed.h"

static int64_t scratch_bytes(const bt_program *program, const bt_program_operand *operand) {
  int64_t size = bt_program_size(program), width = bt_tile_width(program);
  bool is_packed = program->prepared.packed_axis >= 0;
  switch (operand->place) {
    case bt_periodic: return operand->prepared.is_wrapped ? (operand->period + width) * size : -1;
    case bt_tile: return width * size;
    case bt_row: return (is_packed ? bt_packed_group * width : program->columns + width) * size;
    case bt_slot: return bt_slot_bytes + (is_packed ? bt_packed_group * 64 : bt_partial_bytes);
    // Doubles, and for float64 twice.
    case bt_column_sums: return (bt_operand_period(program, operand) + width) * 8;
    case bt_totals: return bt_partial_bytes;
    default: return -1;
  }
}

static void prepare_operand(bt_program *program, bt_program_operand *operand) {
  bt_place place = operand->place;
  bool repeats = (place == bt_periodic || place == bt_column_sums) && operand->period > 0 &&
                 operand->period < program->columns;
  operand->prepared.number = (float)operand->number;
  if (place == bt_number)
    operand->address = program->dtype == bt_float64 ? (char *)&operand->number
                                                    : (char *)&operand->prepared.number;
  operand->prepared.is_wrapped = repeats;
  operand->prepared.is_splat = place == bt_row_element || place == bt_number || place == bt_slot;
  bool is_stepped = place == bt_stream || place == bt_row || place == bt_periodic ||
                    place == bt_column_sums;
  operand->mask = is_stepped && !repeats ? -1 : 0;
  operand->offsets = NULL;
  operand->prepared.scratch = -1;
}

static bool is_bool(const bt_program_operand *operand) {
  return operand->dtype == bt_bool && bt_is_memory(operand->place) && !operand->prepared.is_wrapped;
}

static int code_of(const bt_program *program, const bt_step *step, bool is_row) {
  const bt_program_operand *x = &program->operands[step->x], *y = &program->operands[step->y];
  int operation = step->operation;
  // In a row pass over packed rows, the rows are the columns: slots have an element for each, and
  // elements of memory are gathered and scattered where bools are converted.
  bool is_packed = is_row && program->prepared.packed_axis >= 0;
  bool is_x_splat = is_packed ? x->place == bt_number : x->prepared.is_splat;
  bool is_y_splat = is_packed ? y->place == bt_number : y->prepared.is_splat;
  bool is_y_converted = is_packed ? y->place == bt_row_element : is_bool(y);
  int splat = is_x_splat ? bt_code_splat : 0;
  int converted = (is_packed ? x->place == bt_row_element : is_bool(x)) ? bt_code_bool : 0;
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
      if (is_packed) return converted ? bt_code_store_bool : bt_code_keep;
      if (is_row) return converted ? bt_code_store_one_bool : bt_code_store_one;
      if (x->place == bt_tile || x->place == bt_row) return bt_code_keep;
      return converted ? bt_code_store_bool : bt_code_store;
    case bt_step_select: {
      int select = is_y_converted ? bt_code_select_bool : bt_code_select;
      return converted + select + splat + (is_y_splat ? 2 : 0);
    }
    case bt_step_sum:
      if (is_packed) return x->place == bt_totals ? bt_code_total : bt_code_keep;
      if (is_row) return x->place == bt_totals ? bt_code_total_one : bt_code_store_one;
      return x->place == bt_column_sums ? bt_code_column_sum
             : x->place == bt_totals    ? bt_code_total
                                        : bt_code_row_sum;
    case bt_step_max:
    case bt_step_min:
      if (is_row) return is_packed ? bt_code_keep : bt_code_store_one;
      return operation == bt_step_max ? bt_code_row_max : bt_code_row_min;
    default: return converted + bt_code_load + splat;
  }
}

/// Where scratch begins: a copy of the operands and the operands that repeat lie before it.
static int64_t align(int64_t bytes) { return (bytes + 63) & ~(int64_t)63; }

void bt_prepare_program(bt_program *program) {
  const bt_set *set = bt_set_for(program->columns * bt_program_size(program));
  program->prepared.set = program->dtype == bt_float32 ? &set->programs32 : &set->programs64;
  program->prepared.wrapped_count = 0;
  program->prepared.sum_count = 0;
  program->prepared.sums_apart = 0;
  program->prepared.takes_scratch = false;
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
  bt_prepare_packed(program);
  int64_t bytes = align(bt_packed_bytes(program) +
                        program->operand_count * (int64_t)sizeof(bt_program_operand) +
                        program->prepared.wrapped_count * (int64_t)sizeof(bt_wrapped) +
                        program->rank * program->operand_count * (int64_t)sizeof(bt_move));
  for (int32_t i = 0; i < program->operand_count; ++i) {
    bt_program_operand *operand = &program->operands[i];
    int64_t own = scratch_bytes(program, operand);
    if (own < 0) continue;
    operand->prepared.scratch = bytes;
    program->prepared.takes_scratch = true;
    if (operand->place == bt_column_sums && program->dtype == bt_float64)
      own = 2 * program->prepared.sums_apart;
    bytes += align(own);
  }
  program->prepared.scratch_bytes = bytes;
  int32_t steps = 0;
  program->prepared.is_sequence = true;
  for (int32_t i = 0; i < program->pass_count; ++i) {
    bt_pass pass = program->passes[i];
    program->prepared.is_sequence &= pass.first == steps;
    steps += pass.count;
    for (bt_step *step = program->steps + pass.first; pass.count > 0; ++step, --pass.count)
      step->code = (uint8_t)code_of(program, step, pass.is_row);
  }
  program->prepared.is_sequence &= steps == program->step_count;
  program->prepared.is_plain = program->rank == 0 && program->pass_count == 1 &&
                               program->prepared.is_sequence && !program->passes[0].is_row &&
                               program->prepared.wrapped_count == 0 &&
                               program->prepared.sum_count == 0;
}

void bt_keep_scratch(bt_program *program, char *scratch) {
  for (int32_t i = 0; i < program->operand_count; ++i) {
    bt_program_operand *operand = &program->operands[i];
    if (operand->prepared.scratch >= 0) operand->address = scratch + operand->prepared.scratch;
  }
  program->prepared.takes_scratch = false;
}
