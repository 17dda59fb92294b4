#include <stdlib.h>

#include "reduce_blocks.h"
#include "reduce_positions.h"

enum {
  chunk_elements = 1 << 16,
  max_pieces = 256,
};

/// Writes totals as elements of the result.
static void store(const bt_reduce_shape *shape, int64_t at, int64_t n, const void *totals) {
  size_t size = bt_dtype_sizes[shape->dtype];
  char *out = shape->out + at * (int64_t)size;
  if (bt_accumulator(shape->reduction, shape->dtype) == shape->dtype) {
    memcpy(out, totals, (size_t)n * size);
  } else {
    for (int64_t i = 0; i < n; ++i) ((float *)out)[i] = (float)((const double *)totals)[i];
  }
}

// MARK: many results, each made by one thread

typedef struct {
  const bt_reduce_shape *shape;
  int64_t blocks, units, units_per_chunk;
  int64_t pieces, rows_per_piece;
  char *totals;
} reduce_plan;

static void run_lines(void *context, int64_t chunk) {
  const reduce_plan *plan = context;
  const bt_reduce_shape *shape = plan->shape;
  bt_dtype accumulator = bt_accumulator(shape->reduction, shape->dtype);
  int64_t end = bt_min((chunk + 1) * plan->units_per_chunk, shape->outer);
  int64_t width = bt_lines_at_once(shape);
  for (int64_t first = chunk * plan->units_per_chunk; first < end; first += width) {
    _Alignas(64) char turned[bt_fold_buffer * 8];
    _Alignas(64) char totals[bt_fold_width * 8], spare[bt_fold_width * 8];
    int64_t count = bt_min(width, end - first);
    bt_turn_lines(shape, first, count, turned);
    bt_set_identity(shape->reduction, accumulator, count, totals);
    if (accumulator == bt_float64) memset(spare, 0, (size_t)count * sizeof(double));
    bt_current_set()->fold[shape->reduction][shape->dtype](shape->n, count, totals, spare, turned,
                                                           count);
    store(shape, first, count, totals);
  }
}

static void run_units(void *context, int64_t chunk) {
  const reduce_plan *plan = context;
  const bt_reduce_shape *shape = plan->shape;
  int64_t end = bt_min((chunk + 1) * plan->units_per_chunk, plan->units);
  for (int64_t unit = chunk * plan->units_per_chunk; unit < end; ++unit) {
    _Alignas(64) char totals[bt_fold_width * 8];
    int64_t outer = unit / plan->blocks, first = unit % plan->blocks * bt_fold_width;
    int64_t width = bt_min(bt_fold_width, shape->inner - first);
    bt_reduce_block(shape, outer, 0, shape->n, first, width, totals);
    store(shape, outer * shape->inner + first, width, totals);
  }
}

// MARK: few results, made of pieces in a fixed order

static void run_piece(void *context, int64_t chunk) {
  const reduce_plan *plan = context;
  const bt_reduce_shape *shape = plan->shape;
  int64_t piece = chunk % plan->pieces, outer = chunk / plan->pieces;
  int64_t row = bt_min(piece * plan->rows_per_piece, shape->n);
  int64_t rows = bt_min(plan->rows_per_piece, shape->n - row);
  int64_t size = (int64_t)bt_dtype_sizes[bt_accumulator(shape->reduction, shape->dtype)];
  int64_t at = (piece * shape->outer + outer) * shape->inner;
  bt_reduce_block(shape, outer, row, rows, 0, shape->inner, plan->totals + at * size);
}

static bool reduce_in_pieces(reduce_plan *plan) {
  const bt_reduce_shape *shape = plan->shape;
  int64_t results = shape->outer * shape->inner;
  int64_t pieces = bt_min(max_pieces, results * shape->n / chunk_elements);
  if (pieces < 2 || results > bt_fold_width || shape->n < 2 * pieces) return false;
  plan->pieces = bt_min(pieces, bt_max(2, 4096 / shape->outer));
  plan->rows_per_piece = bt_ceil_divide(shape->n, plan->pieces);
  bt_dtype accumulator = bt_accumulator(shape->reduction, shape->dtype);
  plan->totals = bt_scratch(bt_scratch_reduce, (size_t)(plan->pieces * results) *
                                                   bt_dtype_sizes[accumulator]);
  if (!plan->totals) return false;
  bt_parallel(plan->pieces * shape->outer, run_piece, plan);
  _Alignas(64) char totals[bt_fold_width * 8], spare[bt_fold_width * 8] = {0};
  bt_set_identity(shape->reduction, accumulator, results, totals);
  bt_current_set()->fold[shape->reduction][accumulator](plan->pieces, results, totals, spare,
                                                        plan->totals, results);
  store(shape, 0, results, totals);
  return true;
}

static void reduce_values(const bt_reduce_shape *shape) {
  reduce_plan plan = {.shape = shape};
  if (reduce_in_pieces(&plan)) return;
  if (bt_has_short_lines(shape)) {
    plan.units_per_chunk = bt_max(chunk_elements / shape->n, shape->outer >> 18);
    bt_parallel(bt_ceil_divide(shape->outer, plan.units_per_chunk), run_lines, &plan);
    return;
  }
  plan.blocks = bt_ceil_divide(shape->inner, bt_fold_width);
  plan.units = plan.blocks * shape->outer;
  int64_t work = bt_max(1, shape->n) * bt_min(bt_fold_width, shape->inner);
  plan.units_per_chunk = bt_max(bt_max(1, chunk_elements / work), plan.units >> 18);
  bt_parallel(bt_ceil_divide(plan.units, plan.units_per_chunk), run_units, &plan);
}

bt_status bt_reduce(bt_reduction reduction, bt_dtype dtype, int64_t outer, int64_t n,
                    int64_t inner, void *out, const void *in, int64_t outer_stride,
                    int64_t n_stride, int64_t inner_stride) {
  if (reduction == bt_reduce_sum && dtype == bt_bool) return bt_unsupported;
  if (outer == 0 || inner == 0) return bt_ok;
  if (n == 0 && reduction != bt_reduce_sum) return bt_unsupported;
  bool positions = reduction == bt_reduce_argmax || reduction == bt_reduce_argmin;
  size_t out_size = positions ? sizeof(int64_t) : bt_dtype_sizes[dtype];
  if (n == 0) {
    memset(out, 0, (size_t)(outer * inner) * out_size);
    return bt_ok;
  }
  bt_reduce_shape shape = {reduction,    dtype,    outer,        n,   inner,
                           outer_stride, n_stride, inner_stride, out, in};
  if (outer > 1 && inner == 1 && outer_stride == 1 && llabs(n_stride) != 1) {
    // Lines that are neighbours across are columns.
    shape.outer = 1, shape.inner = outer, shape.inner_stride = 1;
  } else if (inner > 1 && inner_stride != 1 && llabs(n_stride) < llabs(inner_stride)) {
    // Lines of neighbours: the inner axis takes the place of the outer one.
    for (int64_t i = 0; i < outer; ++i) {
      int64_t element = (int64_t)bt_dtype_sizes[dtype];
      bt_reduce(reduction, dtype, inner, n, 1, (char *)out + i * inner * (int64_t)out_size,
                (const char *)in + i * outer_stride * element, inner_stride, n_stride, 1);
    }
    return bt_ok;
  }
  if (positions) bt_reduce_positions(&shape);
  else reduce_values(&shape);
  return bt_ok;
}
