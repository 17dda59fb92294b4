#ifndef BACKTAPE_KERNELS_REDUCE_H
#define BACKTAPE_KERNELS_REDUCE_H

#include "internal.h"

/// `in[outer, n, inner]` with strides in elements, `out[outer, inner]` contiguous.
typedef struct {
  bt_reduction reduction;
  bt_dtype dtype;
  int64_t outer, n, inner, outer_stride, n_stride, inner_stride;
  char *out;
  const char *in;
} bt_reduce_shape;

/// Sum, max or min of columns `first..<first + width` of one outer index over rows
/// `row..<row + rows`, into `totals` of the accumulator's type. width <= bt_fold_width.
enum {
  bt_fold_width = 512,
  bt_fold_buffer = 2048,  // elements of a block with awkward strides, copied together
};
void bt_reduce_block(const bt_reduce_shape *shape, int64_t outer, int64_t row, int64_t rows,
                     int64_t first, int64_t width, void *totals);

/// Short lines side by side: `in[outer, n]` of neighbours along n, from line `first` on, to the
/// dense `out[n, count]`. count <= bt_lines_at_once.
bool bt_has_short_lines(const bt_reduce_shape *shape);
int64_t bt_lines_at_once(const bt_reduce_shape *shape);
void bt_turn_lines(const bt_reduce_shape *shape, int64_t first, int64_t count, void *out);

/// The type totals have: floats are summed in double.
bt_dtype bt_accumulator(bt_reduction reduction, bt_dtype dtype);

void bt_reduce_positions(const bt_reduce_shape *shape);

#endif
