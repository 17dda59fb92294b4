#include "program_packed.h"

/// Tables for scratch, the fixed ones the same for all tiles.
enum {
  contiguous_table, sums_table, zero_table, fixed_tables,
  slot_table = fixed_tables, row_table, first_memory_table
};

/// Tiles of a whole block, at most; and those that make each pass together, so that none waits for
/// its own reductions. They have row scratch and slots of their own.
enum { block_tiles = 16, group_tiles = bt_packed_group };

// MARK: preparation

static bool is_packable(const bt_program *program) {
  int64_t rows = 1;
  for (int32_t axis = 0; axis < program->rank; ++axis) rows *= program->extents[axis];
  return rows > 2 && program->columns > 0 && program->columns < bt_tile_width(program) &&
         program->prepared.wrapped_count == 0;
}

static bool has_same_table(const bt_program *program, const bt_program_operand *a,
                           const bt_program_operand *b) {
  if (bt_dtype_sizes[a->dtype] != bt_dtype_sizes[b->dtype] ||
      a->prepared.is_splat != b->prepared.is_splat)
    return false;
  for (int32_t axis = program->prepared.packed_axis; axis < program->rank; ++axis)
    if (a->strides[axis] != b->strides[axis]) return false;
  return true;
}

static int32_t find_table(bt_program *program, int32_t i) {
  const bt_program_operand *operand = &program->operands[i];
  switch (operand->place) {
    case bt_number: case bt_totals: return zero_table;
    case bt_slot: return slot_table;
    case bt_column_sums: return sums_table;
    case bt_tile: return contiguous_table;
    case bt_row: return row_table;
    default: break;
  }
  for (int32_t j = 0; j < i; ++j)
    if (bt_is_memory(program->operands[j].place) &&
        has_same_table(program, &program->operands[j], operand))
      return program->operands[j].prepared.table;
  return program->prepared.table_count++;
}

void bt_prepare_packed(bt_program *program) {
  program->prepared.packed_axis = -1;
  program->prepared.table_count = 0;
  if (!is_packable(program)) return;
  int64_t row_vectors = bt_ceil_divide(program->columns, bt_programs_of(program)->lanes);
  int64_t tile_rows = 8 / row_vectors, most = block_tiles * tile_rows;
  // The innermost axes that a block has room for, and of the next one a part.
  int64_t inner = 1, axis = program->rank - 1;
  while (axis > 0 && inner * program->extents[axis] < most) inner *= program->extents[axis--];
  int64_t block = bt_max(1, bt_min(program->extents[axis], most / inner)), even = block;
  while (even > 1 && even * 2 > block && even * inner % tile_rows) --even;
  if (block < program->extents[axis] && even * inner % tile_rows == 0) block = even;
  program->prepared.packed_axis = (int32_t)axis;
  program->prepared.row_vectors = row_vectors;
  program->prepared.block = block;
  program->prepared.inner = inner;
  program->prepared.table_count = first_memory_table;
  for (int32_t i = 0; i < program->operand_count; ++i)
    program->operands[i].prepared.table = find_table(program, i);
}

static int64_t table_length(const bt_program *program) {
  int64_t rows = program->prepared.block * program->prepared.inner;
  return 8 * (bt_ceil_divide(rows, 8 / program->prepared.row_vectors) + 1);
}

int64_t bt_packed_bytes(const bt_program *program) {
  if (program->prepared.packed_axis < 0) return 0;
  int64_t moving = program->prepared.table_count - fixed_tables;
  return program->operand_count * (int64_t)sizeof(bt_program_operand) +
         (8 * fixed_tables + moving * table_length(program)) * (int64_t)sizeof(int64_t);
}

// MARK: tables

static int64_t *table_at(const bt_program *program, int64_t *tables, int32_t table) {
  return table < fixed_tables
             ? tables + 8 * table
             : tables + 8 * fixed_tables + (table - fixed_tables) * table_length(program);
}

/// Of row scratch and slots: tiles of a group follow each other, as do their rows.
static void write_scratch_tables(const bt_program *program, int64_t *slots, int64_t *rows) {
  int64_t vectors = program->prepared.row_vectors, tile_rows = 8 / vectors;
  int64_t size = bt_program_size(program), vector = bt_programs_of(program)->lanes * size;
  int64_t tiles = program->pass_count > 1 ? table_length(program) / 8 : 1;
  for (int64_t tile = 0; tile < tiles; ++tile, slots += 8, rows += 8) {
    int64_t place = program->pass_count > 1 && tile < tiles - 1 ? tile % group_tiles : 0;
    for (int64_t q = 0; q < 8; ++q) {
      slots[q] = (place * tile_rows + q / vectors) * size;
      rows[q] = (place * 8 + q) * vector;
    }
  }
}

/// For so many positions of the block's first axis.
static void write_table(const bt_program *program, const bt_program_operand *operand, int64_t block,
                        int64_t *table) {
  int64_t size = (int64_t)bt_dtype_sizes[operand->dtype], count = program->prepared.row_vectors;
  int64_t vector = operand->prepared.is_splat ? 0 : bt_programs_of(program)->lanes * size;
  for (int64_t i = 0; i < count; ++i) table[i] = i * vector;
  for (int32_t axis = program->rank - 1; axis >= program->prepared.packed_axis; --axis) {
    int64_t extent = axis == program->prepared.packed_axis ? block : program->extents[axis];
    int64_t step = operand->strides[axis] * size, length = count * extent;
    for (int64_t i = count; i < length; ++i) table[i] = table[i - count] + step;
    count = length;
  }
  int64_t used = 8 / program->prepared.row_vectors * program->prepared.row_vectors;
  if (used == 8) return;
  for (int64_t tile = bt_ceil_divide(count, used); tile-- > 0;) {
    memmove(table + 8 * tile, table + used * tile, (size_t)used * sizeof(*table));
    memset(table + 8 * tile + used, 0, (size_t)(8 - used) * sizeof(*table));
  }
}

static void write_counts(const bt_program *program, int64_t rows, int64_t *counts) {
  int64_t vectors = program->prepared.row_vectors, lanes = bt_programs_of(program)->lanes;
  for (int64_t q = 0; q < 8; ++q)
    counts[q] = q < rows * vectors ? bt_min(program->columns - q % vectors * lanes, lanes) : 0;
}

void bt_start_packed(const bt_program *program, bt_machine *machine, bt_packed *packed,
                     int64_t extent, char *scratch) {
  int64_t vectors = program->prepared.row_vectors, tile_rows = 8 / vectors;
  packed->row_operands = (bt_program_operand *)scratch;
  packed->tables = (int64_t *)(packed->row_operands + program->operand_count);
  packed->tail_full = packed->tail_rows = 0;
  write_counts(program, tile_rows, packed->counts);
  int64_t *fixed = packed->tables, size = bt_program_size(program);
  int64_t lanes = bt_programs_of(program)->lanes;
  for (int64_t q = 0; q < 8; ++q) {
    fixed[8 * contiguous_table + q] = q * lanes * size;
    fixed[8 * sums_table + q] = q % vectors * lanes * 8;
    fixed[8 * zero_table + q] = 0;
  }
  write_scratch_tables(program, table_at(program, fixed, slot_table),
                       table_at(program, fixed, row_table));
  machine->packed = packed;
  machine->contiguous = fixed + 8 * contiguous_table;
  machine->row_vectors = vectors;
  int64_t block = bt_min(program->prepared.block, extent);
  int32_t written = first_memory_table;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    const bt_program_operand *operand = &program->operands[i];
    bt_program_operand *moved = &machine->operands[i];
    int32_t table = operand->prepared.table;
    int64_t *offsets = table_at(program, packed->tables, table);
    moved->offsets = offsets;
    bool is_fixed = table < fixed_tables || (table < first_memory_table && program->pass_count < 2);
    moved->mask = is_fixed ? 0 : -1;
    if (table == written) {
      write_table(program, operand, block, offsets);
      ++written;
    }
    bt_program_operand *row = &packed->row_operands[i];
    *row = *moved;
    row->mask = operand->place == bt_slot ? -1 : 0;
    row->offsets = operand->place == bt_row_element ? offsets : NULL;
    row->row_vectors = (int16_t)vectors;
    row->tile_rows = (int16_t)tile_rows;
  }
}

/// The entries of a tile with `rows` rows behind so many full ones.
static void write_tail(const bt_program *program, bt_packed *packed, int64_t full, int64_t rows) {
  if (packed->tail_full == full && packed->tail_rows == rows) return;
  packed->tail_full = full;
  packed->tail_rows = rows;
  write_counts(program, rows, packed->tail_counts);
  int64_t length = table_length(program), used = rows * program->prepared.row_vectors;
  for (int32_t i = first_memory_table; i < program->prepared.table_count; ++i) {
    int64_t *table = table_at(program, packed->tables, i);
    for (int64_t q = 0; q < 8; ++q) table[length - 8 + q] = q < used ? table[8 * full + q] : 0;
  }
}

// MARK: runs

static void run_row_pass(const bt_program *program, bt_machine *machine, const bt_pass *pass,
                         int64_t tile, int64_t tiles) {
  bt_program_operand *operands = machine->packed->row_operands;
  for (int32_t i = 0; i < program->operand_count; ++i) {
    if (program->operands[i].place != bt_row_element) continue;
    operands[i].address = machine->operands[i].address;
    operands[i].offsets = machine->operands[i].offsets + 8 * tile;
  }
  bt_machine rows = *machine;
  rows.operands = operands;
  rows.begin = 0;
  rows.end = machine->tile_rows * tiles;
  const bt_step *steps = program->steps + pass->first;
  bt_programs_of(program)->narrow(&rows, steps, steps + pass->count, 0, rows.end);
}

static void run_tiles(const bt_program *program, bt_machine *machine, int64_t begin, int64_t end) {
  // A row pass takes room in slots for every row, also if it is the only pass.
  bool is_single = program->pass_count == 1 && !program->passes[0].is_row;
  for (int64_t tile = begin, tiles; tile < end; tile += tiles) {
    tiles = is_single ? end - tile : bt_min(end - tile, group_tiles);
    for (int32_t i = 0; i < program->pass_count; ++i) {
      const bt_pass *pass = &program->passes[i];
      const bt_step *steps = program->steps + pass->first;
      if (pass->is_row) run_row_pass(program, machine, pass, tile, tiles);
      else bt_programs_of(program)->packed(machine, steps, steps + pass->count, tile, tile + tiles);
    }
  }
}

void bt_run_packed(const bt_program *program, bt_machine *machine, int64_t begin, int64_t end,
                   const bt_move *moves, int64_t move_count) {
  bt_packed *packed = machine->packed;
  int64_t tile_rows = 8 / program->prepared.row_vectors;
  for (int64_t i = begin; i < end; i += program->prepared.block) {
    int64_t block = bt_min(program->prepared.block, end - i);
    int64_t rows = block * program->prepared.inner, full = rows / tile_rows;
    machine->counts = packed->counts;
    machine->tile_rows = tile_rows;
    run_tiles(program, machine, 0, full);
    if (full * tile_rows < rows) {
      machine->tile_rows = rows - full * tile_rows;
      write_tail(program, packed, full, machine->tile_rows);
      machine->counts = packed->tail_counts;
      int64_t tail = table_length(program) / 8 - 1;
      run_tiles(program, machine, tail, tail + 1);
    }
    for (int64_t k = 0; k < move_count; ++k) *moves[k].address += block * moves[k].step;
  }
}
