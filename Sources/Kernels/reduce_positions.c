#include <math.h>

#include "reduce.h"

// argmax and argmin. A line of neighbours is read twice, both times in vectors: for its extreme and
// for where that first is. Else columns keep their best value and its position side by side.

enum { block_columns = 64, scan_elements = 64 };

#define POSITIONS(T)                                                                             \
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
  }                                                                                              \
  static void columns_##T(const bt_reduce_shape *shape, int64_t width, const T *in,              \
                          int64_t *out) {                                                        \
    T best[block_columns];                                                                       \
    bool max = shape->reduction == bt_reduce_argmax;                                             \
    for (int64_t j = 0; j < width; ++j) best[j] = in[j * shape->inner_stride], out[j] = 0;       \
    for (int64_t i = 1; i < shape->n; ++i) {                                                     \
      const T *row = in + i * shape->n_stride;                                                   \
      for (int64_t j = 0; j < width; ++j) {                                                      \
        T x = row[j * shape->inner_stride], b = best[j];                                         \
        bool better = (max ? x > b : x < b) | ((x != x) & (b == b));                             \
        best[j] = better ? x : b;                                                                \
        out[j] = better ? i : out[j];                                                            \
      }                                                                                          \
    }                                                                                            \
  }

POSITIONS(uint8_t)
POSITIONS(int32_t)
POSITIONS(int64_t)
POSITIONS(float)
POSITIONS(double)

typedef struct {
  bt_reduce_shape shape;  // its reduction that of the extreme, where lines are read twice
  const bt_reduce_shape *asked;
  int64_t blocks, units, units_per_chunk;
} position_plan;

static int64_t position_in_line(const position_plan *plan, int64_t outer, const void *in) {
  union {
    uint8_t u8;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
  } extreme;
  int64_t n = plan->shape.n;
  bt_reduce_block(&plan->shape, outer, 0, n, 0, 1, &extreme);
  switch (plan->shape.dtype) {
    case bt_bool: case bt_uint8: return first_equal_uint8_t(n, in, extreme.u8);
    case bt_int32: return first_equal_int32_t(n, in, extreme.i32);
    case bt_int64: return first_equal_int64_t(n, in, extreme.i64);
    case bt_float32: return first_equal_float(n, in, extreme.f32);
    case bt_float64: return first_equal_double(n, in, extreme.f64);
  }
}

static void positions_in_columns(const bt_reduce_shape *shape, int64_t width, const void *in,
                                 int64_t *out) {
  switch (shape->dtype) {
    case bt_bool: case bt_uint8: columns_uint8_t(shape, width, in, out); break;
    case bt_int32: columns_int32_t(shape, width, in, out); break;
    case bt_int64: columns_int64_t(shape, width, in, out); break;
    case bt_float32: columns_float(shape, width, in, out); break;
    case bt_float64: columns_double(shape, width, in, out); break;
  }
}

static void run_units(void *context, int64_t chunk) {
  const position_plan *plan = context;
  const bt_reduce_shape *shape = plan->asked;
  int64_t size = (int64_t)bt_dtype_sizes[shape->dtype];
  bool lines = shape->inner == 1 && shape->n_stride == 1 && shape->n >= scan_elements;
  int64_t end = bt_min((chunk + 1) * plan->units_per_chunk, plan->units);
  for (int64_t unit = chunk * plan->units_per_chunk; unit < end; ++unit) {
    int64_t outer = unit / plan->blocks, first = unit % plan->blocks * block_columns;
    int64_t *out = (int64_t *)shape->out + outer * shape->inner + first;
    const char *in =
        shape->in + size * (outer * shape->outer_stride + first * shape->inner_stride);
    if (lines) *out = position_in_line(plan, outer, in);
    else positions_in_columns(shape, bt_min(block_columns, shape->inner - first), in, out);
  }
}

void bt_reduce_positions(const bt_reduce_shape *shape) {
  enum { chunk_elements = 1 << 15 };
  position_plan plan = {.shape = *shape, .asked = shape};
  plan.shape.reduction =
      shape->reduction == bt_reduce_argmax ? bt_reduce_max : bt_reduce_min;
  plan.blocks = bt_ceil_divide(shape->inner, block_columns);
  plan.units = plan.blocks * shape->outer;
  int64_t work = shape->n * bt_min(block_columns, shape->inner);
  plan.units_per_chunk = bt_max(bt_max(1, chunk_elements / work), plan.units >> 18);
  bt_parallel(bt_ceil_divide(plan.units, plan.units_per_chunk), run_units, &plan);
}
