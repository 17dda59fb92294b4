// Products for one type T, of which a vector V has L lanes, that are not tiles: packing, one row,
// and sums along a vector. BT_T names functions.

/// Panels of two vectors in order, in each k rows; the last panel is as wide but not all written.
static void BT_T(pack_b)(int64_t n, int64_t k, const void *b, int64_t b_k, int64_t b_n,
                         void *packed) {
  const T *in = b;
  T *out = packed;
  for (int64_t j = 0; j < n; j += 2 * L, in += 2 * L * b_n, out += 2 * L * k) {
    int64_t width = bt_min(2 * L, n - j);
    if (b_n == 1 && width == 2 * L) {
      for (int64_t p = 0; p < k; ++p) {
        V first = BT_T(load)(in + p * b_k), second = BT_T(load)(in + p * b_k + L);
        BT_T(store)(out + p * 2 * L, first);
        BT_T(store)(out + p * 2 * L + L, second);
      }
    } else {
      BT_T(transpose_into)(k, width, out, 2 * L, in, b_k, b_n);
    }
  }
}

// MARK: one row

// As many sums as there is room for in the registers.
enum { BT_T(row_vectors) = BT_TILE_ROWS > 8 ? 16 : 8, BT_T(row_depth) = 64 };

/// So many vectors of c from a[depth] . b[depth, ...].
BT_INLINE void BT_T(row_strip)(const int vectors, int64_t depth, const T *a, int64_t a_k,
                               const T *b, int64_t b_k, T *c, bt_into into) {
  V sum[BT_T(row_vectors)];
  BT_UNROLL for (int v = 0; v < vectors; ++v) sum[v] = (V){0};
  for (int64_t p = 0; p < depth; ++p, b += b_k) {
    V x = BT_T(splat)(a[p * a_k]);
    BT_UNROLL for (int v = 0; v < vectors; ++v) sum[v] = BT_FMA(x, BT_T(load)(b + v * L), sum[v]);
  }
  BT_UNROLL for (int v = 0; v < vectors; ++v) {
    V scaled = sum[v] * (T)into.scale;
    BT_T(store)(c + v * L, into.accumulate ? BT_T(load)(c + v * L) + scaled : scaled);
  }
}

/// c[n] from a[k] . b[k, n], 64 rows of B at a time over all columns: what is near in memory is
/// read together.
static void BT_T(wide_row)(int64_t n, int64_t k, const void *a, int64_t a_k, const void *b,
                           int64_t b_k, void *c, bt_into into) {
  enum { wide = BT_T(row_vectors) * L, narrow = 8 * L };
  for (int64_t p0 = 0; p0 < k; p0 += BT_T(row_depth)) {
    int64_t depth = bt_min(BT_T(row_depth), k - p0), j = 0;
    const T *x = (const T *)a + p0 * a_k, *y = (const T *)b + p0 * b_k;
    T *out = c;
    for (; j + wide <= n; j += wide)
      BT_T(row_strip)(BT_T(row_vectors), depth, x, a_k, y + j, b_k, out + j, into);
    for (; j + narrow <= n; j += narrow)
      BT_T(row_strip)(8, depth, x, a_k, y + j, b_k, out + j, into);
    if (j < n) BT_T(block)(1, n - j, depth, x, 0, a_k, y + j, b_k, 2 * L, out + j, n, into);
    into.accumulate = true;
  }
}

// MARK: along k

#define BT_PLUS(x, y) x + y
BT_INLINE T BT_T(lane_sum)(V v) {
  BT_FOLD_LANES(L, v, BT_PLUS)
  return v[0];
}
#undef BT_PLUS

/// c[rows, columns] of products of lines, each summed in the lanes of one vector.
BT_INLINE void BT_T(dots_tile)(const int rows, const int columns, int64_t k, const T *a,
                               int64_t a_m, const T *b, int64_t b_n, T *c, int64_t c_m,
                               bt_into into) {
  V sum[4][4];
  BT_UNROLL for (int i = 0; i < rows; ++i)
    BT_UNROLL for (int j = 0; j < columns; ++j) sum[i][j] = (V){0};
  int64_t p = 0;
  for (; p + L <= k; p += L) {
    V y[4];
    BT_UNROLL for (int j = 0; j < columns; ++j) y[j] = BT_T(load)(b + j * b_n + p);
    BT_UNROLL for (int i = 0; i < rows; ++i) {
      V x = BT_T(load)(a + i * a_m + p);
      BT_UNROLL for (int j = 0; j < columns; ++j) sum[i][j] = BT_FMA(x, y[j], sum[i][j]);
    }
  }
  if (p < k) {
    BT_T(mask) part = BT_T(first)(k - p);
    V y[4];
    BT_UNROLL for (int j = 0; j < columns; ++j) y[j] = BT_T(load_part)(b + j * b_n + p, part);
    BT_UNROLL for (int i = 0; i < rows; ++i) {
      V x = BT_T(load_part)(a + i * a_m + p, part);
      BT_UNROLL for (int j = 0; j < columns; ++j) sum[i][j] = BT_FMA(x, y[j], sum[i][j]);
    }
  }
  BT_UNROLL for (int i = 0; i < rows; ++i)
    BT_UNROLL for (int j = 0; j < columns; ++j) {
      T *to = c + i * c_m + j, value = BT_T(lane_sum)(sum[i][j]) * (T)into.scale;
      *to = into.accumulate ? *to + value : value;
    }
}

#define BT_DOTS(rows, columns)                                                                   \
  case rows * 4 + columns - 5:                                                                   \
    BT_T(dots_tile)(rows, columns, k, x, a_m, y, b_n, z, c_m, into);                             \
    break;
/// c[m, n] from a[m, k] . b[n, k], both contiguous along k.
static void BT_T(dots)(int64_t m, int64_t n, int64_t k, const void *a, int64_t a_m, const void *b,
                       int64_t b_n, void *c, int64_t c_m, bt_into into) {
  for (int64_t i = 0; i < m; i += 4)
    for (int64_t j = 0; j < n; j += 4) {
      const T *x = (const T *)a + i * a_m, *y = (const T *)b + j * b_n;
      T *z = (T *)c + i * c_m + j;
      switch (bt_min(4, m - i) * 4 + bt_min(4, n - j) - 5) {
        BT_DOTS(1, 1) BT_DOTS(1, 2) BT_DOTS(1, 3) BT_DOTS(1, 4)
        BT_DOTS(2, 1) BT_DOTS(2, 2) BT_DOTS(2, 3) BT_DOTS(2, 4)
        BT_DOTS(3, 1) BT_DOTS(3, 2) BT_DOTS(3, 3) BT_DOTS(3, 4)
        BT_DOTS(4, 1) BT_DOTS(4, 2) BT_DOTS(4, 3) BT_DOTS(4, 4)
      }
    }
}

#undef BT_DOTS

/// Both rows of [c s; -s c] . [x; y], which do not overlap.
static void BT_T(rotate)(int64_t n, double c, double s, void *x, void *y) {
  T *first = x, *second = y;
  V cosines = BT_T(splat)((T)c), sines = BT_T(splat)((T)s);
  int64_t i = 0;
  for (; i + L <= n; i += L) {
    V a = BT_T(load)(first + i), b = BT_T(load)(second + i);
    BT_T(store)(first + i, cosines * a + sines * b);
    BT_T(store)(second + i, cosines * b - sines * a);
  }
  for (; i < n; ++i) {
    T a = first[i], b = second[i];
    first[i] = (T)c * a + (T)s * b;
    second[i] = (T)c * b - (T)s * a;
  }
}
