// Rows folded into a row of accumulators, the one loop all reductions of values are made of. A long
// line is folded as rows of neighbouring pieces, so lanes never wait for one another.

#define BT_FOLD(name, T, A, steps_of_four, step)                                                 \
  static void name(int64_t rows, int64_t width, void *accumulators, void *spare,                 \
                   const void *source, int64_t stride) {                                         \
    A *total = accumulators;                                                                     \
    const T *in = source;                                                                        \
    (void)spare;                                                                                 \
    int64_t i = 0;                                                                               \
    if (width < 4) { /* too narrow for vectors: along the rows */                                \
      for (int64_t j = 0; j < width; ++j) {                                                      \
        A t = total[j];                                                                          \
        for (i = 0; i < rows; ++i) t = step(t, (A)in[i * stride + j]);                           \
        total[j] = t;                                                                            \
      }                                                                                          \
      return;                                                                                    \
    }                                                                                            \
    for (; i + 4 <= rows; i += 4, in += 4 * stride) {                                            \
      const T *a = in, *b = a + stride, *c = b + stride, *d = c + stride;                        \
      BT_VECTORIZE for (int64_t j = 0; j < width; ++j)                                           \
        total[j] = steps_of_four(total[j], (A)a[j], (A)b[j], (A)c[j], (A)d[j]);                  \
    }                                                                                            \
    for (; i < rows; ++i, in += stride)                                                          \
      BT_VECTORIZE for (int64_t j = 0; j < width; ++j) total[j] = step(total[j], (A)in[j]);      \
  }

#define BT_STEP(suffix, A, expression)                                                           \
  BT_INLINE A step_##suffix(A x, A y) { return (A)(expression); }                                \
  BT_INLINE A four_##suffix(A t, A a, A b, A c, A d) {                                           \
    return step_##suffix(t, step_##suffix(step_##suffix(a, b), step_##suffix(c, d)));            \
  }
#define BT_FOLDS(name, T, A, suffix, expression)                                                 \
  BT_STEP(suffix, A, expression)                                                                 \
  BT_FOLD(name, T, A, four_##suffix, step_##suffix)

BT_FOLDS(sum_u8, uint8_t, uint8_t, sum_u8, x + y)
BT_FOLDS(sum_i32, uint32_t, uint32_t, sum_u32, x + y)
BT_FOLDS(sum_i64, uint64_t, uint64_t, sum_u64, x + y)
// In double: the sum of 2^29 floats of one magnitude is still exact.
BT_FOLDS(sum_f32, float, double, sum_f32, x + y)

#define BT_EXTREME(name, operator)                                                               \
  BT_FOLDS(name##_u8, uint8_t, uint8_t, name##_of_u8, x operator y ? x : y)                      \
  BT_FOLDS(name##_i32, int32_t, int32_t, name##_of_i32, x operator y ? x : y)                    \
  BT_FOLDS(name##_i64, int64_t, int64_t, name##_of_i64, x operator y ? x : y)                    \
  BT_FOLDS(name##_f32, float, float, name##_of_f32, ((x operator y) | (x != x)) ? x : y)         \
  BT_FOLDS(name##_f64, double, double, name##_of_f64, ((x operator y) | (x != x)) ? x : y)
BT_EXTREME(max, >)
BT_EXTREME(min, <)

/// Kahan's sum: `spare` holds what the totals have gained by rounding. That is dropped where it is
/// not finite, so that infinities add up as they do without it.
#define BT_KAHAN(value)                                                                          \
  {                                                                                              \
    double y = (value) - excess, t = total + y;                                                  \
    excess = t - total - y;                                                                      \
    excess = excess - excess == 0 ? excess : 0;                                                  \
    total = t;                                                                                   \
  }

static void sum_f64(int64_t rows, int64_t width, void *accumulators, void *spare,
                    const void *source, int64_t stride) {
  double *totals = accumulators, *excesses = spare;
  const double *in = source;
  int64_t i = 0;
  if (width < 4) {
    for (int64_t j = 0; j < width; ++j) {
      double total = totals[j], excess = excesses[j];
      for (i = 0; i < rows; ++i) BT_KAHAN(in[i * stride + j])
      totals[j] = total;
      excesses[j] = excess;
    }
    return;
  }
  for (; i + 4 <= rows; i += 4, in += 4 * stride) {
    const double *a = in, *b = a + stride, *c = b + stride, *d = c + stride;
    BT_VECTORIZE for (int64_t j = 0; j < width; ++j) {
      double total = totals[j], excess = excesses[j];
      BT_KAHAN(a[j])
      BT_KAHAN(b[j])
      BT_KAHAN(c[j])
      BT_KAHAN(d[j])
      totals[j] = total;
      excesses[j] = excess;
    }
  }
  for (; i < rows; ++i, in += stride)
    BT_VECTORIZE for (int64_t j = 0; j < width; ++j) {
      double total = totals[j], excess = excesses[j];
      BT_KAHAN(in[j])
      totals[j] = total;
      excesses[j] = excess;
    }
}

#define BT_FIND(name, T, Position, operator)                                                     \
  static void name(int64_t rows, int64_t width, void *accumulators, void *spare,                 \
                   const void *source, int64_t stride) {                                         \
    T *best = accumulators;                                                                      \
    Position *position = spare;                                                                  \
    const T *in = source;                                                                        \
    for (int64_t i = 0; i < rows; ++i, in += stride)                                             \
      BT_VECTORIZE for (int64_t j = 0; j < width; ++j) {                                         \
        T x = in[j], b = best[j];                                                                \
        Position at = position[j];                                                               \
        bool better = (x operator b) | ((x != x) & (b == b));                                    \
        best[j] = better ? x : b;                                                                \
        position[j] = better ? (Position)i : at;                                                 \
      }                                                                                          \
  }
#define BT_FINDS(name, operator)                                                                 \
  BT_FIND(name##_u8, uint8_t, int32_t, operator)                                                 \
  BT_FIND(name##_i32, int32_t, int32_t, operator)                                                \
  BT_FIND(name##_i64, int64_t, int64_t, operator)                                                \
  BT_FIND(name##_f32, float, int32_t, operator)                                                  \
  BT_FIND(name##_f64, double, int64_t, operator)
BT_FINDS(find_max, >)
BT_FINDS(find_min, <)

#define BT_FIND_TABLE                                                                            \
  {                                                                                              \
    {find_max_u8, find_max_u8, find_max_i32, find_max_i64, find_max_f32, find_max_f64},          \
    {find_min_u8, find_min_u8, find_min_i32, find_min_i64, find_min_f32, find_min_f64},          \
  }

#define BT_FOLD_TABLE                                                                            \
  {                                                                                              \
    [bt_reduce_sum] = {NULL, sum_u8, sum_i32, sum_i64, sum_f32, sum_f64},                        \
    [bt_reduce_max] = {max_u8, max_u8, max_i32, max_i64, max_f32, max_f64},                      \
    [bt_reduce_min] = {min_u8, min_u8, min_i32, min_i64, min_f32, min_f64},                      \
  }
