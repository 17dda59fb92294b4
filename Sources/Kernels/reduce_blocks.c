#include "reduce_blocks.h"

#include <math.h>

#include "walk.h"

enum { short_line = 64 };  // below this lines are folded side by side

void bt_set_identity(bt_reduction reduction, bt_dtype dtype, int64_t n, void *totals) {
  bool max = reduction == bt_reduce_max;
  if (reduction == bt_reduce_sum) {
    memset(totals, 0, (size_t)n * bt_dtype_sizes[dtype]);
    return;
  }
#define FILL(T, value) for (int64_t i = 0; i < n; ++i) ((T *)totals)[i] = value
  switch (dtype) {
    case bt_bool: case bt_uint8: FILL(uint8_t, max ? 0 : UINT8_MAX); break;
    case bt_int32: FILL(int32_t, max ? INT32_MIN : INT32_MAX); break;
    case bt_int64: FILL(int64_t, max ? INT64_MIN : INT64_MAX); break;
    case bt_float32: FILL(float, max ? -INFINITY : INFINITY); break;
    case bt_float64: FILL(double, max ? -INFINITY : INFINITY); break;
  }
#undef FILL
}

/// Folds a dense [rows, width] block into `totals`, which are set; `spare` as in bt_fold_rows.
static void fold_dense(bt_reduction reduction, bt_dtype dtype, int64_t rows, int64_t width,
                       void *totals, void *spare, const char *in) {
  const bt_set *set = bt_current_set();
  bt_dtype accumulator = bt_accumulator(reduction, dtype);
  bt_fold_rows fold = set->fold[reduction][dtype], join = set->fold[reduction][accumulator];
  int64_t size = (int64_t)bt_dtype_sizes[accumulator];
  _Alignas(64) char wide[bt_fold_width * 8], wide_spare[bt_fold_width * 8];
  for (;;) {
    int64_t joined = 1;  // rows side by side as one row of more columns
    while (joined * 8 <= rows && joined * 2 * width <= bt_fold_width) joined *= 2;
    if (joined == 1) break;
    bt_set_identity(reduction, accumulator, joined * width, wide);
    if (accumulator == bt_float64) memset(wide_spare, 0, (size_t)(joined * width) * 8);
    fold(rows / joined, joined * width, wide, wide_spare, in, joined * width);
    in += (int64_t)bt_dtype_sizes[dtype] * (rows - rows % joined) * width;
    rows %= joined;
    for (joined /= 2; joined > 0; joined /= 2)
      join(1, joined * width, wide, wide_spare, wide + size * joined * width, 0);
    join(1, width, totals, spare, wide, 0);
  }
  fold(rows, width, totals, spare, in, width);
}

void bt_reduce_block(const bt_reduce_shape *shape, int64_t outer, int64_t row, int64_t rows,
                     int64_t first, int64_t width, void *totals) {
  _Alignas(64) char spare[bt_fold_width * 8];
  bt_dtype dtype = shape->dtype, accumulator = bt_accumulator(shape->reduction, dtype);
  bt_set_identity(shape->reduction, accumulator, width, totals);
  if (accumulator == bt_float64) memset(spare, 0, (size_t)width * sizeof(double));
  int64_t size = (int64_t)bt_dtype_sizes[dtype];
  const char *in = shape->in + size * (outer * shape->outer_stride + row * shape->n_stride +
                                       first * shape->inner_stride);
  bool unit = width == 1 || shape->inner_stride == 1;
  if (unit && shape->n_stride == width) {
    fold_dense(shape->reduction, dtype, rows, width, totals, spare, in);
  } else if (unit && width >= 16) {
    bt_current_set()->fold[shape->reduction][dtype](rows, width, totals, spare, in,
                                                    shape->n_stride);
  } else {
    _Alignas(64) char buffer[bt_fold_buffer * 8];
    int64_t step = bt_fold_buffer / width;
    for (int64_t i = 0; i < rows; i += step) {
      int64_t count = bt_min(step, rows - i);
      bt_copy_block((size_t)size, count, width, buffer, width, 1, in + i * shape->n_stride * size,
                    shape->n_stride, shape->inner_stride);
      fold_dense(shape->reduction, dtype, count, width, totals, spare, buffer);
    }
  }
}

bool bt_has_short_lines(const bt_reduce_shape *shape) {
  return shape->inner == 1 && shape->n_stride == 1 && shape->n < short_line && shape->outer > 3;
}

int64_t bt_lines_at_once(const bt_reduce_shape *shape) {
  return bt_min(bt_fold_width, bt_fold_buffer / shape->n);
}

void bt_turn_lines(const bt_reduce_shape *shape, int64_t first, int64_t count, void *out) {
  size_t size = bt_dtype_sizes[shape->dtype];
  const char *in = shape->in + (int64_t)size * first * shape->outer_stride;
  const bt_set *set = bt_current_set();
  if (size == 1) bt_copy_block(size, shape->n, count, out, count, 1, in, 1, shape->outer_stride);
  else
    (size == 4 ? set->transpose4 : set->transpose8)(shape->n, count, out, count, in,
                                                    shape->outer_stride);
}
