#include "reduce_positions.h"

#include "walk.h"

// argmax and argmin. A long line of neighbours is read twice, both times in vectors: for its
// extreme and for where that first is. Else columns keep their best values and positions.

enum { scan_elements = 64 };

#define FIRST_EQUAL(T)                                                                           \
  static int64_t first_equal_##T(int64_t n, const T *in, T wanted) {                             \
    int64_t i = 0;                                                                               \
    for (; i + scan_elements <= n; i += scan_elements) {                                         \
      int found = 0;                                                                             \
      for (int64_t j = 0; j < scan_elements; ++j)                                                \
        found |= (in[i + j] == wanted) | (in[i + j] != in[i + j]);                               \
      if (found) break;                                                                          \
    }                                                                                            \
    /* An extreme that is NaN is found as the first NaN; else there is none. */                  \
    for (; i < n; ++i)                                                                           \
      if (in[i] == wanted || in[i] != in[i]) return i;                                           \
    return 0;                                                                                    \
  }

FIRST_EQUAL(uint8_t)
FIRST_EQUAL(int32_t)
FIRST_EQUAL(int64_t)
FIRST_EQUAL(float)
FIRST_EQUAL(double)

typedef struct {
  bt_reduce_shape shape;  // its reduction that of the extreme
  int64_t blocks, units, units_per_chunk;
} position_plan;

static int64_t position_in_line(const bt_reduce_shape *shape, int64_t outer) {
  union {
    uint8_t u8;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
  } extreme;
  int64_t n = shape->n;
  bt_reduce_block(shape, outer, 0, n, 0, 1, &extreme);
  const void *in =
      shape->in + (int64_t)bt_dtype_sizes[shape->dtype] * outer * shape->outer_stride;
  switch (shape->dtype) {
    case bt_bool: case bt_uint8: return first_equal_uint8_t(n, in, extreme.u8);
    case bt_int32: return first_equal_int32_t(n, in, extreme.i32);
    case bt_int64: return first_equal_int64_t(n, in, extreme.i64);
    case bt_float32: return first_equal_float(n, in, extreme.f32);
    case bt_float64: return first_equal_double(n, in, extreme.f64);
  }
}

// MARK: columns

/// Best values of columns so far, which are those of row 0 first.
typedef struct {
  const bt_reduce_shape *shape;
  int64_t width;
  int64_t *out;
  _Alignas(64) char best[bt_fold_width * 8], positions[bt_fold_width * 8];
} column_search;

static void begin(column_search *search, const void *row) {
  memcpy(search->best, row, (size_t)search->width * bt_dtype_sizes[search->shape->dtype]);
  memset(search->out, 0, (size_t)search->width * sizeof(int64_t));
}

/// Goes on with rows `row..<row + rows`, fewer than fit an int32.
static void look(column_search *search, int64_t row, int64_t rows, const void *in,
                 int64_t stride) {
  const bt_reduce_shape *shape = search->shape;
  bool wide = bt_dtype_sizes[shape->dtype] == 8;
  memset(search->positions, -1, (size_t)search->width * (wide ? 8 : 4));
  bt_current_set()->find[shape->reduction - bt_reduce_max][shape->dtype](
      rows, search->width, search->best, search->positions, in, stride);
  for (int64_t j = 0; j < search->width; ++j) {
    int64_t at =
        wide ? ((const int64_t *)search->positions)[j] : ((const int32_t *)search->positions)[j];
    if (at >= 0) search->out[j] = row + at;
  }
}

static void positions_in_columns(const bt_reduce_shape *shape, int64_t width, const char *in,
                                 int64_t *out) {
  enum { most_rows = 1 << 30 };
  _Alignas(64) char buffer[bt_fold_buffer * 8];
  column_search search;  // its arrays are not worth clearing
  search.shape = shape, search.width = width, search.out = out;
  size_t size = bt_dtype_sizes[shape->dtype];
  bool in_place = shape->inner_stride == 1 || width == 1;
  int64_t step = in_place ? most_rows : bt_fold_buffer / width;
  for (int64_t i = 0; i < shape->n; i += step) {
    int64_t rows = bt_min(step, shape->n - i), stride = in_place ? shape->n_stride : width;
    const char *at = in + i * shape->n_stride * (int64_t)size;
    if (!in_place) {
      bt_copy_block(size, rows, width, buffer, width, 1, at, shape->n_stride,
                    shape->inner_stride);
      at = buffer;
    }
    if (i == 0) begin(&search, at);
    look(&search, i, rows, at, stride);
  }
}

static void run_units(void *context, int64_t chunk) {
  const position_plan *plan = context;
  const bt_reduce_shape *shape = &plan->shape;
  int64_t size = (int64_t)bt_dtype_sizes[shape->dtype];
  bool line = shape->inner == 1 && shape->n_stride == 1 && shape->n >= scan_elements;
  int64_t end = bt_min((chunk + 1) * plan->units_per_chunk, plan->units);
  for (int64_t unit = chunk * plan->units_per_chunk; unit < end; ++unit) {
    int64_t outer = unit / plan->blocks, first = unit % plan->blocks * bt_fold_width;
    int64_t *out = (int64_t *)shape->out + outer * shape->inner + first;
    const char *in =
        shape->in + size * (outer * shape->outer_stride + first * shape->inner_stride);
    if (line) *out = position_in_line(shape, outer);
    else positions_in_columns(shape, bt_min(bt_fold_width, shape->inner - first), in, out);
  }
}

static void run_lines(void *context, int64_t chunk) {
  const position_plan *plan = context;
  const bt_reduce_shape *shape = &plan->shape;
  int64_t end = bt_min((chunk + 1) * plan->units_per_chunk, shape->outer);
  int64_t width = bt_lines_at_once(shape);
  for (int64_t first = chunk * plan->units_per_chunk; first < end; first += width) {
    _Alignas(64) char turned[bt_fold_buffer * 8];
    column_search search;
    search.shape = shape, search.width = bt_min(width, end - first);
    search.out = (int64_t *)shape->out + first;
    bt_turn_lines(shape, first, search.width, turned);
    begin(&search, turned);
    look(&search, 0, shape->n, turned, search.width);
  }
}

void bt_reduce_positions(const bt_reduce_shape *shape) {
  enum { chunk_elements = 1 << 15 };
  position_plan plan = {.shape = *shape};
  plan.shape.reduction = shape->reduction == bt_reduce_argmax ? bt_reduce_max : bt_reduce_min;
  if (bt_has_short_lines(shape)) {
    plan.units_per_chunk = bt_max(chunk_elements / shape->n, shape->outer >> 18);
    bt_parallel(bt_ceil_divide(shape->outer, plan.units_per_chunk), run_lines, &plan);
    return;
  }
  plan.blocks = bt_ceil_divide(shape->inner, bt_fold_width);
  plan.units = plan.blocks * shape->outer;
  int64_t work = shape->n * bt_min(bt_fold_width, shape->inner);
  plan.units_per_chunk = bt_max(bt_max(1, chunk_elements / work), plan.units >> 18);
  bt_parallel(bt_ceil_divide(plan.units, plan.units_per_chunk), run_units, &plan);
}
