// Tile programs of one type: T with vectors V of L lanes, I the integers as wide.
//
// Sums. What a tile adds to a sum of a row or to a total is added up as a tree in T, at most three
// additions deep, and then to one sum for each lane: for float32 in double, for float64 with
// Kahan's compensation. With u = 2^-24 or 2^-53 and up to 2^28 terms the error is below
//   float32: 3.01 u sum|x| + u |sum x|        (column sums: u |sum x|, and 2^-24 u sum|x|)
//   float64: 6 u sum|x|                       (column sums: 3 u sum|x|)
// whatever the number of terms. Eight neighbours of float32 whose sum is beyond its range overflow.

typedef double BT_T(wide) __attribute__((vector_size(L * 8)));

/// Partial sums, one for each lane.
#if BT_IS_FLOAT
typedef struct { BT_T(wide) sum; } BT_T(sums);
BT_INLINE BT_T(sums) BT_T(sums_of)(V v) {
  return (BT_T(sums)){__builtin_convertvector(v, BT_T(wide))};
}
BT_INLINE BT_T(sums) BT_T(add_to)(BT_T(sums) s, V v) {
  return (BT_T(sums)){s.sum + __builtin_convertvector(v, BT_T(wide))};
}
#else
typedef struct { V sum, excess; } BT_T(sums);
BT_INLINE BT_T(sums) BT_T(sums_of)(V v) { return (BT_T(sums)){v, (V){0}}; }
BT_INLINE BT_T(sums) BT_T(add_to)(BT_T(sums) s, V v) {
  V y = v - s.excess, t = s.sum + y, excess = t - s.sum - y;
  // Dropped where it is not finite, so that infinities add up as they do without it.
  return (BT_T(sums)){t, (V)((I)excess & (excess - excess == 0))};
}
#endif

/// From and to scratch, where the lost parts lie `apart` bytes behind the sums.
BT_INLINE BT_T(sums) BT_T(load_sums)(const char *p, int64_t apart) {
  BT_T(sums) s;
  memcpy(&s.sum, p, sizeof(s.sum));
#if !BT_IS_FLOAT
  memcpy(&s.excess, p + apart, sizeof(s.excess));
#endif
  (void)apart;
  return s;
}
BT_INLINE void BT_T(store_sums)(char *p, int64_t apart, BT_T(sums) s) {
  memcpy(p, &s.sum, sizeof(s.sum));
#if !BT_IS_FLOAT
  memcpy(p + apart, &s.excess, sizeof(s.excess));
#endif
  (void)apart;
}

/// The sum of the lanes.
BT_INLINE T BT_T(across_sum)(BT_T(sums) s) {
  double lanes[L];
  memcpy(lanes, &s, sizeof(lanes));
#if !BT_IS_FLOAT
  double excesses[L], excess = 0;
  memcpy(excesses, &s.excess, sizeof(excesses));
  BT_UNROLL for (int i = 0; i < L; ++i) excess += excesses[i];
  if (L > 1) {
    double total = lanes[0];
    BT_UNROLL for (int i = 1; i < L; ++i) BT_KAHAN(lanes[i])
    return total - excess;
  }
  return lanes[0] - excess;
#else
  BT_UNROLL for (int half = L / 2; half > 0; half /= 2)
    BT_UNROLL for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return (T)lanes[0];
#endif
}

BT_INLINE V BT_T(greater_of)(V x, V y) { return BT_T(blend)(x != x, x, BT_T(blend)(x > y, x, y)); }
BT_INLINE V BT_T(lesser_of)(V x, V y) { return BT_T(blend)(x != x, x, BT_T(blend)(x < y, x, y)); }

BT_INLINE T BT_T(across_max)(V v) {
  BT_FOLD_LANES(L, v, BT_T(greater_of))
  return v[0];
}
BT_INLINE T BT_T(across_min)(V v) {
  BT_FOLD_LANES(L, v, BT_T(lesser_of))
  return v[0];
}

/// out[i] = the sum of the sums of columns i, i + period, ... below `width`.
static void BT_T(column_sums)(int64_t period, int64_t width, const void *scratch, int64_t apart,
                              void *out) {
  const double *sums = scratch;
  const double *excesses = (const double *)((const char *)scratch + apart);
  for (int64_t i = 0; i < period; ++i) {
    double total = 0, excess = 0;
    for (int64_t j = i; j < width; j += period) {
      BT_KAHAN(sums[j])
      if (!BT_IS_FLOAT) BT_KAHAN(-excesses[j])
    }
    ((T *)out)[i] = (T)(total - excess);
  }
}

static void BT_T(total)(const void *scratch, void *out) {
  *(T *)out = BT_T(across_sum)(BT_T(load_sums)(scratch, sizeof(V)));
}

// Elements of packed rows: see bt_program_operand.
BT_INLINE char *BT_T(row_at)(const bt_program_operand *where, int64_t row) {
  int32_t i = (int32_t)row, rows = where->tile_rows;
  return where->address + where->offsets[i / rows * 8 + i % rows * where->row_vectors];
}
static void BT_T(gather)(T *out, const bt_program_operand *where, int64_t column, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const char *p = BT_T(row_at)(where, column + i);
    out[i] = where->dtype == bt_bool ? (T)*(const uint8_t *)p : *(const T *)p;
  }
}
static void BT_T(scatter)(const bt_program_operand *where, int64_t column, int64_t count,
                          const T *in) {
  for (int64_t i = 0; i < count; ++i) {
    char *p = BT_T(row_at)(where, column + i);
    if (where->dtype == bt_bool) *(uint8_t *)p = in[i] != 0;
    else *(T *)p = in[i];
  }
}

// Calls that steps may make stay calls: inlined they would slow every other step down.
#define BT_CALL static __attribute__((noinline))
BT_CALL const char *BT_T(from_bool)(T *out, const bt_program_operand *where, int64_t column,
                                    int64_t count) {
  if (where->offsets) {
    BT_T(gather)(out, where, column, count);
  } else {
    BT_SET.cast[BT_DTYPE][bt_bool](where->mask ? count : 1, out,
                                   where->address + (column & where->mask));
  }
  return (const char *)out;
}
BT_CALL void BT_T(to_bool)(const bt_program_operand *where, int64_t column, int64_t count,
                           const T *in) {
  if (where->offsets) BT_T(scatter)(where, column, count, in);
  else BT_SET.cast[bt_bool][BT_DTYPE](count, where->address + (column & where->mask), in);
}
/// The bools of a tile of packed rows.
BT_CALL void BT_T(rows_from_bool)(T *out, const bt_program_operand *where, int64_t tile,
                                  bool is_splat, const int64_t *counts) {
  const int64_t *offsets = where->offsets + (tile * 8 & where->mask);
  BT_UNROLL for (int q = 0; q < 8; ++q) {
    const char *p = where->address + offsets[q];
    BT_T(store)(out + q * L, is_splat ? BT_T(splat)((T)*(const uint8_t *)p)
                                      : BT_T(load_bools)(p, counts[q]));
  }
}
BT_CALL void BT_T(call_unary)(int code, int64_t count, T *values) {
  BT_SET.unary[code - bt_code_unary][BT_DTYPE](count, values, values);
}
BT_CALL void BT_T(call_binary)(int code, int64_t count, T *values, const char *x) {
  bool is_reversed = code >= bt_code_reversed;
  int operation = (code - (is_reversed ? bt_code_reversed : bt_code_binary)) / 2;
  bt_binary_loop loop = BT_SET.binary[operation][BT_DTYPE];
  bool is_splat = code & bt_code_splat;
  if (is_reversed) loop(count, values, x, values, is_splat ? bt_left_constant : bt_both_vary);
  else loop(count, values, values, x, is_splat ? bt_right_constant : bt_both_vary);
}

#define N 8
#define BT_RUN BT_T(full)
#define BT_PARTIAL 0
#define BT_PACKED 0
#include "steps.inc.h"
#undef BT_RUN
#undef BT_PARTIAL
#undef BT_PACKED

#define BT_PARTIAL 1
#define BT_PACKED 1
#define BT_RUN BT_T(packed)
#include "steps.inc.h"
#undef N
#undef BT_RUN
#undef BT_PACKED

#define BT_PACKED 0
#define N 4
#define BT_RUN BT_T(half)
#include "steps.inc.h"
#undef N
#undef BT_RUN

#define N BT_NARROW_VECTORS
#define BT_RUN BT_T(narrow)
#include "steps.inc.h"
#undef N
#undef BT_RUN
#undef BT_PARTIAL
#undef BT_PACKED
#undef BT_CALL
