#include "instruction_set.h"
#include "special.h"
#include "walk.h"

// What an element takes in nanoseconds, roughly: it decides alone whether threads are worth it.
static const double arithmetic_cost = 0.2, vector_function_cost = 0.7, library_cost = 8,
                    series_cost = 60;

static double unary_cost(bt_unary_operation operation) {
  switch (operation) {
    case bt_exp: case bt_exp2: case bt_log: case bt_log2: case bt_log10: case bt_tanh:
    case bt_sigmoid:
      return vector_function_cost;
    case bt_expm1: case bt_log1p: case bt_sin: case bt_cos: case bt_tan: case bt_erf: case bt_erfc:
    case bt_lgamma:
      return library_cost;
    case bt_erf_inverse: return series_cost;
    default: return arithmetic_cost;
  }
}

static double binary_cost(bt_binary_operation operation, bt_dtype dtype) {
  bool integer = dtype < bt_float32;
  switch (operation) {
    case bt_power: case bt_atan2: case bt_remainder: return library_cost;
    case bt_divide: return integer ? 2 : arithmetic_cost;
    default: return arithmetic_cost;
  }
}

static void fill(size_t size, int64_t n, void *out) {
  bt_copy_block(size, 1, n, out, 0, 1, out, 0, 0);
}

/// So few elements that no operation on them is worth another thread.
static const int64_t few = 1024;
static const int64_t neighbours[] = {1};

// MARK: one operand

static void apply_unary(const bt_tiles *tiles, int64_t n, char *const *addresses,
                        const bool *constant) {
  bt_unary_loop loop = *(const bt_unary_loop *)tiles->loop;
  loop(constant[1] ? 1 : n, addresses[0], addresses[1]);
  if (constant[1]) fill(tiles->sizes[0], n, addresses[0]);
}

static void run_unary(const bt_unary_loop *loop, double cost, size_t out_size, size_t size,
                      int32_t rank, const int64_t *extents, bt_operand out, bt_operand a) {
  int64_t n = bt_count(rank, extents);
  if (n == 0) return;
  if (n == 1) {
    (*loop)(1, out.address, a.address);
    return;
  }
  if ((double)n * cost < bt_parallel_nanoseconds &&
      bt_form_of(rank, extents, out.strides) == bt_dense &&
      bt_form_of(rank, extents, a.strides) == bt_dense) {
    (*loop)(n, out.address, a.address);
    return;
  }
  bt_tiles tiles = {
      .sizes = {out_size, size},
      .addresses = {out.address, a.address},
      .apply = apply_unary,
      .constants = 1,
      .loop = loop,
      .nanoseconds = cost,
  };
  bt_walk_plan(&tiles.walk, 2, rank, extents, (const int64_t *const[]){out.strides, a.strides});
  bt_tiles_run(&tiles);
}

bt_status bt_unary(bt_unary_operation operation, bt_dtype dtype, int32_t rank,
                   const int64_t *extents, bt_operand out, bt_operand a) {
  bool integer = dtype != bt_bool && dtype < bt_float32;
  bool rounds = operation == bt_floor || operation == bt_ceil || operation == bt_round;
  size_t size = bt_dtype_sizes[dtype];
  if (integer && rounds) {
    bt_copy(size, rank, extents, out, a);
    return bt_ok;
  }
  const bt_unary_loop *loop = &bt_current_set()->unary[operation][dtype];
  if (!*loop) return bt_unsupported;
  run_unary(loop, unary_cost(operation), size, size, rank, extents, out, a);
  return bt_ok;
}

bt_status bt_unary_dense(bt_unary_operation operation, bt_dtype dtype, int64_t n, void *out,
                         const void *a) {
  bt_unary_loop loop = bt_current_set()->unary[operation][dtype];
  if (n > few || !loop)
    return bt_unary(operation, dtype, 1, &n, (bt_operand){out, neighbours},
                    (bt_operand){(void *)a, neighbours});
  loop(n, out, a);
  return bt_ok;
}

#define POLYGAMMA(T)                                                                             \
  static void polygamma_##T(const bt_tiles *tiles, int64_t n, char *const *addresses,            \
                            const bool *constant) {                                              \
    (void)constant;                                                                              \
    int order = *(const int *)tiles->loop;                                                       \
    T *out = (T *)addresses[0];                                                                  \
    const T *a = (const T *)addresses[1];                                                        \
    for (int64_t i = 0; i < n; ++i) out[i] = (T)bt_polygamma_of(order, (double)a[i]);            \
  }

POLYGAMMA(float)
POLYGAMMA(double)

bt_status bt_polygamma(int order, bt_dtype dtype, int32_t rank, const int64_t *extents,
                       bt_operand out, bt_operand a) {
  if (dtype != bt_float32 && dtype != bt_float64) return bt_unsupported;
  if (bt_count(rank, extents) == 0) return bt_ok;
  size_t size = bt_dtype_sizes[dtype];
  bt_tiles tiles = {
      .sizes = {size, size},
      .addresses = {out.address, a.address},
      .apply = dtype == bt_float32 ? polygamma_float : polygamma_double,
      .constants = 0,
      .loop = &order,
      .nanoseconds = 2 * series_cost,
  };
  bt_walk_plan(&tiles.walk, 2, rank, extents, (const int64_t *const[]){out.strides, a.strides});
  bt_tiles_run(&tiles);
  return bt_ok;
}

void bt_cast(bt_dtype to, bt_dtype from, int32_t rank, const int64_t *extents, bt_operand out,
             bt_operand a) {
  if (to == from) {
    bt_copy(bt_dtype_sizes[to], rank, extents, out, a);
    return;
  }
  run_unary(&bt_current_set()->cast[to][from], arithmetic_cost, bt_dtype_sizes[to],
            bt_dtype_sizes[from], rank, extents, out, a);
}

// MARK: two operands

static void apply_binary(const bt_tiles *tiles, int64_t n, char *const *addresses,
                         const bool *constant) {
  bt_binary_loop loop = *(const bt_binary_loop *)tiles->loop;
  if (constant[1] && constant[2]) {
    loop(1, addresses[0], addresses[1], addresses[2], bt_both_vary);
    fill(tiles->sizes[0], n, addresses[0]);
    return;
  }
  bt_layout layout =
      constant[1] ? bt_left_constant : constant[2] ? bt_right_constant : bt_both_vary;
  loop(n, addresses[0], addresses[1], addresses[2], layout);
}

/// Any zero among elements; axes that repeat them are looked at once.
static bool has_zero(bt_dtype dtype, int32_t rank, const int64_t *extents, bt_operand a) {
  const char *address = a.address;
  for (; rank > 0 && (a.strides[0] == 0 || extents[0] == 1); ++a.strides, ++extents) --rank;
  if (rank > 1) {
    bool found = false;
    for (int64_t i = 0; i < extents[0] && !found; ++i) {
      int64_t offset = i * a.strides[0] * (int64_t)bt_dtype_sizes[dtype];
      bt_operand row = {(char *)address + offset, a.strides + 1};
      found = has_zero(dtype, rank - 1, extents + 1, row);
    }
    return found;
  }
  int64_t n = rank ? extents[0] : 1, stride = rank ? a.strides[0] : 1;
  bool zero = false;
  switch (dtype) {
    case bt_uint8:
      for (int64_t i = 0; i < n; ++i) zero |= ((const uint8_t *)address)[i * stride] == 0;
      break;
    case bt_int32:
      for (int64_t i = 0; i < n; ++i) zero |= ((const int32_t *)address)[i * stride] == 0;
      break;
    case bt_int64:
      for (int64_t i = 0; i < n; ++i) zero |= ((const int64_t *)address)[i * stride] == 0;
      break;
    default: break;
  }
  return zero;
}

static bool is_comparison(bt_binary_operation operation) {
  return operation >= bt_equal && operation <= bt_less_equal;
}

bt_status bt_binary(bt_binary_operation operation, bt_dtype dtype, int32_t rank,
                    const int64_t *extents, bt_operand out, bt_operand a, bt_operand b) {
  const bt_binary_loop *loop = &bt_current_set()->binary[operation][dtype];
  if (!*loop) return bt_unsupported;
  int64_t n = bt_count(rank, extents);
  if (n == 0) return bt_ok;
  bool divides = operation == bt_divide || operation == bt_remainder;
  if (divides && dtype < bt_float32 && has_zero(dtype, rank, extents, b))
    return bt_division_by_zero;
  if (n == 1) {
    (*loop)(1, out.address, a.address, b.address, bt_both_vary);
    return bt_ok;
  }
  double cost = binary_cost(operation, dtype);
  if ((double)n * cost < bt_parallel_nanoseconds &&
      bt_form_of(rank, extents, out.strides) == bt_dense) {
    bt_form left = bt_form_of(rank, extents, a.strides);
    bt_form right = bt_form_of(rank, extents, b.strides);
    if (left && right && (left == bt_dense || right == bt_dense)) {
      bt_layout layout = left == bt_constant    ? bt_left_constant
                         : right == bt_constant ? bt_right_constant
                                                : bt_both_vary;
      (*loop)(n, out.address, a.address, b.address, layout);
      return bt_ok;
    }
  }
  size_t size = bt_dtype_sizes[dtype];
  bt_tiles tiles = {
      .sizes = {is_comparison(operation) ? 1 : size, size, size},
      .addresses = {out.address, a.address, b.address},
      .apply = apply_binary,
      .constants = 2,
      .loop = loop,
      .nanoseconds = cost,
  };
  bt_walk_plan(&tiles.walk, 3, rank, extents,
               (const int64_t *const[]){out.strides, a.strides, b.strides});
  bt_tiles_run(&tiles);
  return bt_ok;
}

bt_status bt_binary_dense(bt_binary_operation operation, bt_dtype dtype, int64_t n, void *out,
                          const void *a, const void *b, bt_layout layout) {
  bt_binary_loop loop = bt_current_set()->binary[operation][dtype];
  bool divides = operation == bt_divide || operation == bt_remainder;
  if (n > few || !loop || (divides && dtype < bt_float32))
    return bt_binary(
        operation, dtype, 1, &n, (bt_operand){out, neighbours},
        (bt_operand){(void *)a, layout == bt_left_constant ? bt_repeated() : neighbours},
        (bt_operand){(void *)b, layout == bt_right_constant ? bt_repeated() : neighbours});
  loop(n, out, a, b, layout);
  return bt_ok;
}

// MARK: three operands

#define SELECT(T)                                                                                \
  static void select_##T(const bt_tiles *tiles, int64_t n, char *const *addresses,               \
                         const bool *constant) {                                                 \
    (void)tiles, (void)constant;                                                                 \
    T *out = (T *)addresses[0];                                                                  \
    const uint8_t *condition = (const uint8_t *)addresses[1];                                    \
    const T *a = (const T *)addresses[2], *b = (const T *)addresses[3];                          \
    _Pragma("clang loop vectorize(assume_safety)")                                               \
    for (int64_t i = 0; i < n; ++i) {                                                            \
      T left = a[i], right = b[i];                                                               \
      out[i] = condition[i] ? left : right;                                                      \
    }                                                                                            \
  }

SELECT(uint8_t)
SELECT(uint16_t)
SELECT(uint32_t)
SELECT(uint64_t)

void bt_select_dense(size_t element_size, int64_t n, void *out, const void *condition,
                     const void *a, bool a_constant, const void *b, bool b_constant) {
  if (n == 1) {
    memcpy(out, *(const uint8_t *)condition ? a : b, element_size);
    return;
  }
  bt_select(element_size, 1, &n, (bt_operand){out, neighbours},
            (bt_operand){(void *)condition, neighbours},
            (bt_operand){(void *)a, a_constant ? bt_repeated() : neighbours},
            (bt_operand){(void *)b, b_constant ? bt_repeated() : neighbours});
}

void bt_select(size_t element_size, int32_t rank, const int64_t *extents, bt_operand out,
               bt_operand condition, bt_operand a, bt_operand b) {
  if (bt_count(rank, extents) == 0) return;
  bt_tiles tiles = {
      .sizes = {element_size, 1, element_size, element_size},
      .addresses = {out.address, condition.address, a.address, b.address},
      .apply = element_size == 1   ? select_uint8_t
               : element_size == 2 ? select_uint16_t
               : element_size == 4 ? select_uint32_t
                                   : select_uint64_t,
      .constants = 0,
      .nanoseconds = 2 * arithmetic_cost,
  };
  bt_walk_plan(
      &tiles.walk, 4, rank, extents,
      (const int64_t *const[]){out.strides, condition.strides, a.strides, b.strides});
  bt_tiles_run(&tiles);
}
