#include "instruction_set.h"
#include "walk.h"

// A copy is a walk over blocks of two axes: the one the result is contiguous along and, where the
// source is contiguous along another (a transpose), that one.

typedef struct {
  bt_walk walk;  // axis 0 and, if rank > 1, axis 1 make the block
  size_t size;
  char *out;
  const char *in;
  bt_transpose transpose;  // null unless the source is contiguous along axis 1
  int64_t rows_per_unit, units_per_block, units, units_per_chunk;
} block_copy;

/// About a quarter of a megabyte: tens of microseconds from memory.
static const int64_t chunk_bytes = 1 << 18;

static void run_unit(const block_copy *copy, int64_t unit) {
  const bt_walk *walk = &copy->walk;
  int64_t block = unit / copy->units_per_block;
  int64_t first = unit % copy->units_per_block * copy->rows_per_unit;
  int64_t rows = bt_min(copy->rows_per_unit, walk->extents[1] - first);
  int64_t size = (int64_t)copy->size;
  char *out = copy->out + size * (bt_walk_offset(walk, 0, 2, block) + first * walk->strides[0][1]);
  const char *in =
      copy->in + size * (bt_walk_offset(walk, 1, 2, block) + first * walk->strides[1][1]);
  if (copy->transpose)
    copy->transpose(rows, walk->extents[0], out, walk->strides[0][1], in, walk->strides[1][0]);
  else
    bt_copy_block(copy->size, rows, walk->extents[0], out, walk->strides[0][1],
                  walk->strides[0][0], in, walk->strides[1][1], walk->strides[1][0]);
}

static void run_chunk(void *context, int64_t chunk) {
  const block_copy *copy = context;
  int64_t first = chunk * copy->units_per_chunk;
  int64_t end = bt_min(first + copy->units_per_chunk, copy->units);
  for (int64_t unit = first; unit < end; ++unit) run_unit(copy, unit);
}

/// Moves the axis the source is contiguous along next to the innermost one.
static void bring_transposed_axis_in(bt_walk *walk) {
  for (int32_t axis = 2; axis < walk->rank && walk->strides[1][1] != 1; ++axis) {
    if (walk->strides[1][axis] != 1) continue;
    int64_t extent = walk->extents[axis];
    walk->extents[axis] = walk->extents[1];
    walk->extents[1] = extent;
    for (int32_t i = 0; i < 2; ++i) {
      int64_t stride = walk->strides[i][axis];
      walk->strides[i][axis] = walk->strides[i][1];
      walk->strides[i][1] = stride;
    }
  }
}

static void run_row_chunk(void *context, int64_t chunk) {
  const block_copy *copy = context;
  const bt_walk *walk = &copy->walk;
  int64_t size = (int64_t)copy->size, length = chunk_bytes / size, first = chunk * length;
  bt_copy_block(copy->size, 1, bt_min(length, walk->extents[0] - first),
                copy->out + first * walk->strides[0][0] * size, 0, walk->strides[0][0],
                copy->in + first * walk->strides[1][0] * size, 0, walk->strides[1][0]);
}

void bt_copy(size_t element_size, int32_t rank, const int64_t *extents, bt_operand out,
             bt_operand a) {
  int64_t n = bt_count(rank, extents);
  if (n == 0) return;
  int64_t size = (int64_t)element_size;
  if (n * size < chunk_bytes && bt_form_of(rank, extents, out.strides) == bt_dense &&
      bt_form_of(rank, extents, a.strides) == bt_dense) {
    memmove(out.address, a.address, (size_t)(n * size));
    return;
  }
  block_copy copy = {.size = element_size, .out = out.address, .in = a.address};
  bt_walk *walk = &copy.walk;
  bt_walk_plan(walk, 2, rank, extents, (const int64_t *const[]){out.strides, a.strides});
  if (walk->rank == 1) {
    bt_parallel(bt_ceil_divide(n, chunk_bytes / size), run_row_chunk, &copy);
    return;
  }
  if (walk->strides[0][0] == 1 && walk->strides[1][0] != 1 && walk->strides[1][0] != 0) {
    bring_transposed_axis_in(walk);
    const bt_set *set = bt_current_set();
    if (walk->strides[1][1] == 1 && walk->extents[0] > 3 && walk->extents[1] > 3)
      copy.transpose = size == 4 ? set->transpose4 : size == 8 ? set->transpose8 : NULL;
  }
  int64_t blocks = 1, rows = walk->extents[1];
  for (int32_t axis = 2; axis < walk->rank; ++axis) blocks *= walk->extents[axis];
  int64_t chunks = bt_ceil_divide(n * size, chunk_bytes);
  // A block is cut if there are fewer blocks than chunks; transposes like multiples of a line.
  copy.rows_per_unit = bt_ceil_divide(rows, bt_ceil_divide(chunks, blocks));
  copy.rows_per_unit = bt_min(rows, (copy.rows_per_unit + 15) / 16 * 16);
  copy.units_per_block = bt_ceil_divide(rows, copy.rows_per_unit);
  copy.units = blocks * copy.units_per_block;
  copy.units_per_chunk = bt_ceil_divide(copy.units, chunks);
  bt_parallel(bt_ceil_divide(copy.units, copy.units_per_chunk), run_chunk, &copy);
}
