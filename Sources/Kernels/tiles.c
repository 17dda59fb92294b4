#include "instruction_set.h"
#include "walk.h"

// A tile is a piece of one row along the innermost axis or, where rows are short, several rows that
// are neighbours along the next axis.

enum {
  turned_rows = 16,  // of a tile with an operand to transpose: a cache line of floats
  buffered = 512,   // elements of a tile that passes through buffers: 4 operands fit the L1 cache
  short_row = 64,   // below this a call per row costs more than copying the rows together
  long_tile = 16384,
};

static bool is_turned(const bt_tiles *tiles, int32_t operand) {
  const int64_t *strides = tiles->walk.strides[operand];
  return strides[1] == 1 && strides[0] != 1 && strides[0] != 0 && tiles->sizes[operand] >= 4;
}

static void cut(bt_tiles *tiles) {
  const bt_walk *walk = &tiles->walk;
  int64_t columns = walk->extents[0];
  bool in_place = walk->strides[0][0] == 1;
  for (int32_t i = 1; i < walk->operands; ++i)
    in_place &= walk->strides[i][0] == 1 || (walk->strides[i][0] == 0 && i <= tiles->constants);
  tiles->rows_per_tile = 1;
  tiles->turns = false;
  for (int32_t i = 1; i < walk->operands && walk->rank > 1; ++i)
    tiles->turns |= is_turned(tiles, i);
  if (tiles->turns) {
    tiles->rows_per_tile = bt_min(turned_rows, walk->extents[1]);
    tiles->columns_per_tile = bt_min(buffered / turned_rows, columns);
  } else if (columns < short_row && walk->rank > 1) {
    tiles->columns_per_tile = columns;
    tiles->rows_per_tile = bt_min(buffered / columns, walk->extents[1]);
  } else {
    tiles->columns_per_tile = bt_min(columns, in_place ? long_tile : buffered);
  }
  tiles->tiles_per_row = bt_ceil_divide(columns, tiles->columns_per_tile);
  int64_t groups = walk->rank > 1 ? bt_ceil_divide(walk->extents[1], tiles->rows_per_tile) : 1;
  int64_t rest = 1;
  for (int32_t axis = 2; axis < walk->rank; ++axis) rest *= walk->extents[axis];
  tiles->tile_count = tiles->tiles_per_row * groups * rest;
  double tile = tiles->nanoseconds * (double)(tiles->columns_per_tile * tiles->rows_per_tile);
  tiles->tiles_per_chunk = bt_max(1, (int64_t)(bt_chunk_nanoseconds / tile));
  tiles->tiles_per_chunk = bt_max(tiles->tiles_per_chunk, tiles->tile_count >> 18);
}

static void run_tile(const bt_tiles *tiles, int64_t tile) {
  _Alignas(64) char buffers[bt_max_operands][buffered * 8];
  const bt_walk *walk = &tiles->walk;
  int64_t column = tile % tiles->tiles_per_row * tiles->columns_per_tile;
  int64_t group = tile / tiles->tiles_per_row;
  int64_t columns = bt_min(tiles->columns_per_tile, walk->extents[0] - column);
  int64_t row = 0, rows = 1, outer = 0;
  if (walk->rank > 1) {
    int64_t groups = bt_ceil_divide(walk->extents[1], tiles->rows_per_tile);
    outer = group / groups;
    row = group % groups * tiles->rows_per_tile;
    rows = bt_min(tiles->rows_per_tile, walk->extents[1] - row);
  }
  int64_t n = rows * columns;
  char *addresses[bt_max_operands], *out = NULL;
  bool constant[bt_max_operands] = {false};
  for (int32_t i = 0; i < walk->operands; ++i) {
    size_t size = tiles->sizes[i];
    int64_t step = walk->strides[i][0], row_step = walk->rank > 1 ? walk->strides[i][1] : 0;
    char *address = tiles->addresses[i] +
                    (int64_t)size * (column * step + row * row_step +
                                     bt_walk_offset(walk, i, 2, outer));
    bool one_row = rows == 1;
    if (step == 1 && (one_row || row_step == columns)) {
      addresses[i] = address;
    } else if (i == 0) {
      addresses[i] = buffers[i];
      out = address;
    } else if (i <= tiles->constants && step == 0 && (one_row || row_step == 0)) {
      addresses[i] = address;
      constant[i] = true;
    } else if (tiles->turns && is_turned(tiles, i)) {
      const bt_set *set = bt_current_set();
      addresses[i] = buffers[i];
      (size == 4 ? set->transpose4 : set->transpose8)(rows, columns, buffers[i], columns, address,
                                                      step);
    } else {
      addresses[i] = buffers[i];
      bt_copy_block(size, rows, columns, buffers[i], columns, 1, address, row_step, step);
    }
  }
  tiles->apply(tiles, n, addresses, constant);
  if (out)
    bt_copy_block(tiles->sizes[0], rows, columns, out, walk->rank > 1 ? walk->strides[0][1] : 0,
                  walk->strides[0][0], buffers[0], columns, 1);
}

static void run_chunk(void *context, int64_t chunk) {
  const bt_tiles *tiles = context;
  int64_t first = chunk * tiles->tiles_per_chunk;
  int64_t end = bt_min(first + tiles->tiles_per_chunk, tiles->tile_count);
  for (int64_t tile = first; tile < end; ++tile) run_tile(tiles, tile);
}

void bt_tiles_run(bt_tiles *tiles) {
  cut(tiles);
  if ((double)tiles->walk.count * tiles->nanoseconds < bt_parallel_nanoseconds) {
    for (int64_t tile = 0; tile < tiles->tile_count; ++tile) run_tile(tiles, tile);
  } else {
    bt_parallel(bt_ceil_divide(tiles->tile_count, tiles->tiles_per_chunk), run_chunk, tiles);
  }
}
