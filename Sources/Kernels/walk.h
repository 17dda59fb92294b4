#ifndef BACKTAPE_KERNELS_WALK_H
#define BACKTAPE_KERNELS_WALK_H

#include "internal.h"

enum { bt_max_operands = 4 };

/// A walk over operands of the same extents, reduced to what memory sees: axes of extent 1 are
/// gone, axes are ordered by the first operand's strides, and neighbours that step as one are one.
/// Axis 0 is the innermost. There is always at least one axis.
typedef struct {
  int32_t rank, operands;
  int64_t count;
  int64_t extents[BT_MAX_RANK];
  int64_t strides[bt_max_operands][BT_MAX_RANK];
} bt_walk;

void bt_walk_plan(bt_walk *walk, int32_t operands, int32_t rank, const int64_t *extents,
                  const int64_t *const *strides);

/// How an operand lies in memory over a whole walk: one run in order, one element, or else.
typedef enum { bt_strided, bt_dense, bt_constant } bt_form;

static inline bt_form bt_form_of(int32_t rank, const int64_t *extents, const int64_t *strides) {
  bool dense = true, constant = true;
  int64_t expected = 1;
  for (int32_t axis = rank - 1; axis >= 0; --axis) {
    if (extents[axis] == 1) continue;
    dense &= strides[axis] == expected;
    constant &= strides[axis] == 0;
    expected *= extents[axis];
  }
  return dense ? bt_dense : constant ? bt_constant : bt_strided;
}

static inline int64_t bt_count(int32_t rank, const int64_t *extents) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < rank; ++axis) count *= extents[axis];
  return count;
}

/// Offset in elements of the row-th run along axis `from - 1`, counting over axes `from` and out.
static inline int64_t bt_walk_offset(const bt_walk *walk, int32_t operand, int32_t from,
                                     int64_t row) {
  int64_t offset = 0;
  for (int32_t axis = from; axis < walk->rank && row; ++axis) {
    offset += row % walk->extents[axis] * walk->strides[operand][axis];
    row /= walk->extents[axis];
  }
  return offset;
}

/// Copies a rows x columns block of elements of 1, 2, 4 or 8 bytes between any strides.
void bt_copy_block(size_t size, int64_t rows, int64_t columns, void *out, int64_t out_row,
                   int64_t out_column, const void *in, int64_t in_row, int64_t in_column);

/// Contiguous tiles of an elementwise operation: operands that are neither dense nor constant in a
/// tile pass through small buffers.
typedef struct bt_tiles {
  bt_walk walk;
  size_t sizes[bt_max_operands];  // bytes of an element; the result is operand 0
  char *addresses[bt_max_operands];
  /// Runs the operation on n elements. `constant[i]` says that operand i is one element; the
  /// first `constants` operands may be, the rest are spread out first.
  void (*apply)(const struct bt_tiles *tiles, int64_t n, char *const *addresses,
                const bool *constant);
  int32_t constants;
  const void *loop;    // what `apply` needs
  double nanoseconds;  // estimate for an element
  bool turns;          // an operand is contiguous along axis 1, not 0
  int64_t rows_per_tile, columns_per_tile, tiles_per_row, tile_count, tiles_per_chunk;
} bt_tiles;

/// Runs the operation over the whole walk, on several threads if that pays.
void bt_tiles_run(bt_tiles *tiles);

#endif
