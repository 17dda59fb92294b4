#ifndef BACKTAPE_KERNELS_REDUCE_BLOCKS_H
#define BACKTAPE_KERNELS_REDUCE_BLOCKS_H

// What reductions to values and to positions have in common: a shape, and how a block of it that
// one thread reads is folded.

#include "instruction_set.h"

/// `in[outer, n, inner]` with strides in elements, `out[outer, inner]` contiguous.
typedef struct {
  bt_reduction reduction;
  bt_dtype dtype;
  int64_t outer, n, inner, outer_stride, n_stride, inner_stride;
  char *out;
  const char *in;
} bt_reduce_shape;

enum {
  bt_fold_width = 512,
  bt_fold_buffer = 2048,  // elements of a block with awkward strides, copied together
};

/// The type totals have: floats are summed in double.
static inline bt_dtype bt_accumulator(bt_reduction reduction, bt_dtype dtype) {
  return reduction == bt_reduce_sum && dtype == bt_float32 ? bt_float64 : dtype;
}

/// Fills accumulators with what changes nothing.
void bt_set_identity(bt_reduction reduction, bt_dtype dtype, int64_t n, void *totals);

/// Sum, max or min of columns `first..<first + width` of one outer index over rows
/// `row..<row + rows`, into `totals` of the accumulator's type. width <= bt_fold_width.
void bt_reduce_block(const bt_reduce_shape *shape, int64_t outer, int64_t row, int64_t rows,
                     int64_t first, int64_t width, void *totals);

/// Short lines side by side: `in[outer, n]` of neighbours along n, from line `first` on, to the
/// dense `out[n, count]`. count <= bt_lines_at_once.
bool bt_has_short_lines(const bt_reduce_shape *shape);
int64_t bt_lines_at_once(const bt_reduce_shape *shape);
void bt_turn_lines(const bt_reduce_shape *shape, int64_t first, int64_t count, void *out);

#endif
