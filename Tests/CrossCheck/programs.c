#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

// Tile programs: steps drawn at random that every set does alike, and sums of rows and columns.

enum { most = 32, rows = 3 };

typedef struct {
  bt_program program;
  bt_program_operand operands[most];
  bt_step steps[most];
  bt_pass passes[4];
  /// Of operands written: where in the result they begin.
  int64_t out[most];
  int64_t chunks, room;
} machine;

static int add(machine *m, bt_place place, bt_dtype dtype, const void *address) {
  bt_program_operand *operand = &m->operands[m->program.operand_count];
  *operand = (bt_program_operand){.place = place, .dtype = dtype, .address = (char *)address};
  if (place == bt_stream) operand->strides[0] = m->program.columns;
  if (place == bt_row_element) operand->strides[0] = 1;
  m->out[m->program.operand_count] = -1;
  return m->program.operand_count++;
}

/// An operand in the result, of so many elements.
static int result(machine *m, bt_place place, int64_t count) {
  int operand = add(m, place, m->program.dtype, 0);
  m->out[operand] = m->room;
  m->room += count;
  return operand;
}

static void step(machine *m, int operation, int x, int y) {
  m->steps[m->program.step_count++] =
      (bt_step){.operation = (uint8_t)operation, .x = (uint16_t)x, .y = (uint16_t)y};
}

static void end_pass(machine *m, bool is_row) {
  bt_pass *pass = &m->passes[m->program.pass_count];
  pass->first = m->program.pass_count ? pass[-1].first + pass[-1].count : 0;
  pass->count = m->program.step_count - pass->first;
  pass->is_row = is_row;
  ++m->program.pass_count;
}

static void run(const void *context, void *out) {
  machine m = *(const machine *)context;
  m.program.operands = m.operands, m.program.steps = m.steps, m.program.passes = m.passes;
  for (int i = 0; i < m.program.operand_count; ++i)
    if (m.out[i] >= 0)
      m.operands[i].address = (char *)out + (size_t)m.out[i] * sizes[m.program.dtype];
  bt_prepare_program(&m.program);
  bt_instruction instruction = {bt_run_program, &m.program, rows};
  bt_phase phase = {.first = 0, .count = 1, .chunks = m.chunks};
  bt_run_phases(&instruction, &phase, 1);
}

static void begin(machine *m, bt_dtype dtype, int64_t columns) {
  memset(m, 0, sizeof *m);
  m->program = (bt_program){.dtype = dtype, .rank = 1, .extents = {rows}, .columns = columns,
                            .unit = 64};
  m->chunks = 1 + below(rows);
}

// MARK: the same bits

/// Operations every set does to the bit.
static const int unaries[] = {bt_negate, bt_abs, bt_sign, bt_floor, bt_ceil, bt_round,
                              bt_not,    bt_sqrt, bt_rsqrt, bt_sin, bt_erf, bt_lgamma};
static const int binaries[] = {bt_add, bt_subtract, bt_multiply, bt_divide, bt_maximum, bt_minimum,
                               bt_equal, bt_not_equal, bt_less, bt_less_equal, bt_power,
                               bt_remainder};

static void draw_steps(machine *m, int count, const int *from, int from_count) {
  step(m, bt_step_load, from[below(from_count)], 0);
  for (int i = 0; i < count; ++i) {
    int x = from[below(from_count)], y = from[below(from_count)];
    int binary = binaries[below(12)];
    switch (below(5)) {
      case 0: step(m, bt_step_unary + unaries[below(12)], 0, 0); break;
      case 1: step(m, bt_step_select, x, y); break;
      case 2: step(m, bt_step_reversed + binary, x, 0); break;
      default: step(m, bt_step_binary + binary, x, 0); break;
    }
  }
}

static void check_exact(bt_dtype dtype, int64_t columns) {
  machine m;
  begin(&m, dtype, columns);
  int64_t period = 1 + below(columns + 9);
  void *stream = values(dtype, rows * columns, with_specials);
  void *truths = values(bt_bool, rows * columns, plain);
  void *elements = values(dtype, rows, with_specials);
  void *repeated = values(dtype, period, with_specials);
  int from[8] = {add(&m, bt_stream, dtype, stream), add(&m, bt_stream, bt_bool, truths),
                 add(&m, bt_row_element, dtype, elements), add(&m, bt_number, dtype, 0),
                 add(&m, bt_periodic, dtype, repeated)};
  m.operands[from[3]].number = 0.75;
  m.operands[from[4]].period = period;
  int tile = add(&m, bt_tile, dtype, 0), kept = add(&m, bt_row, dtype, 0);
  int extreme = add(&m, bt_slot, dtype, 0), slot = add(&m, bt_slot, dtype, 0);
  draw_steps(&m, 3, from, 5);
  step(&m, bt_step_store, tile, 0);
  from[5] = tile;
  draw_steps(&m, 4, from, 6);
  step(&m, bt_step_store, kept, 0);
  step(&m, below(2) ? bt_step_max : bt_step_min, extreme, 0);
  step(&m, bt_step_store, result(&m, bt_stream, rows * columns), 0);
  end_pass(&m, false);
  from[5] = extreme;
  draw_steps(&m, 2, from + 2, 2);
  step(&m, bt_step_binary + bt_add, extreme, 0);
  step(&m, bt_step_store, slot, 0);
  step(&m, bt_step_store, result(&m, bt_row_element, rows), 0);
  end_pass(&m, true);
  from[6] = slot, from[7] = kept;
  draw_steps(&m, 5, from, 8);
  step(&m, bt_step_store, result(&m, bt_stream, rows * columns), 0);
  end_pass(&m, false);
  char name[80];
  snprintf(name, sizeof name, "program of type %d, %d columns", dtype, (int)columns);
  check(name, &m, run, dtype, m.room, 0, same);
  free(stream), free(truths), free(elements), free(repeated);
}

// MARK: functions and sums

/// Softmax of rows; the sum of the columns and of all as well.
static void check_softmax(bt_dtype dtype, int64_t columns) {
  machine m;
  begin(&m, dtype, columns);
  void *stream = values(dtype, rows * columns, plain);
  int x = add(&m, bt_stream, dtype, stream), kept = add(&m, bt_row, dtype, 0);
  int highest = add(&m, bt_slot, dtype, 0), total = add(&m, bt_slot, dtype, 0);
  step(&m, bt_step_load, x, 0);
  step(&m, bt_step_max, highest, 0);
  step(&m, bt_step_sum, result(&m, bt_column_sums, columns * m.chunks), 0);
  step(&m, bt_step_sum, result(&m, bt_totals, m.chunks), 0);
  end_pass(&m, false);
  step(&m, bt_step_load, x, 0);
  step(&m, bt_step_binary + bt_subtract, highest, 0);
  step(&m, bt_step_unary + bt_exp, 0, 0);
  step(&m, bt_step_store, kept, 0);
  step(&m, bt_step_sum, total, 0);
  end_pass(&m, false);
  step(&m, bt_step_load, kept, 0);
  step(&m, bt_step_binary + bt_divide, total, 0);
  step(&m, bt_step_store, result(&m, bt_stream, rows * columns), 0);
  end_pass(&m, false);
  char name[80];
  snprintf(name, sizeof name, "softmax of type %d, %d columns", dtype, (int)columns);
  check(name, &m, run, dtype, m.room, 0, (difference){8, 60 * (double)columns});
  // What comes last is between 0 and 1: the same once more, by that measure.
  m.room = rows * columns;
  m.out[m.program.operand_count - 1] = 0;
  void *sums = values(dtype, columns * m.chunks + m.chunks, plain);
  for (int i = 0; i < m.program.operand_count; ++i) {
    if (m.operands[i].place != bt_column_sums && m.operands[i].place != bt_totals) continue;
    m.operands[i].address = sums;
    m.out[i] = -1;
  }
  check(name, &m, run, dtype, m.room, 0, (difference){16, 0});
  free(stream), free(sums);
}

/// The functions of which every set has its own, one after the other.
static void check_functions(bt_dtype dtype, int64_t columns) {
  static const int functions[] = {bt_exp, bt_log, bt_tanh, bt_sigmoid};
  machine m;
  begin(&m, dtype, columns);
  void *stream = values(dtype, rows * columns, with_specials);
  int x = add(&m, bt_stream, dtype, stream);
  for (int i = 0; i < 4; ++i) {
    step(&m, bt_step_load, x, 0);
    step(&m, bt_step_unary + functions[i], 0, 0);
    step(&m, bt_step_store, result(&m, bt_stream, rows * columns), 0);
  }
  end_pass(&m, false);
  check("functions in a program", &m, run, dtype, m.room, 0, (difference){6, 0});
  free(stream);
}

void check_programs(void) {
  for (int dtype = bt_float32; dtype <= bt_float64; ++dtype) {
    for (int64_t columns = 1; columns <= 67; ++columns) {
      for (int i = 0; i < 4; ++i) check_exact((bt_dtype)dtype, columns);
      check_softmax((bt_dtype)dtype, columns);
      check_functions((bt_dtype)dtype, columns);
    }
    for (int64_t columns = 100; columns <= 1300; columns += 173) {
      check_exact((bt_dtype)dtype, columns);
      check_softmax((bt_dtype)dtype, columns);
      check_functions((bt_dtype)dtype, columns);
    }
  }
}
