// Floating-point products for one type T, of which a vector V has L lanes; BT_T names functions.
// A tile of R rows by two vectors is held in registers: A is broadcast from where it lies, B read
// as vectors, so that neither needs packing while it fits a cache.

#define R BT_TILE_ROWS
enum { BT_T(columns) = 2 * L };

/// c[rows, width] = (accumulate ? c : 0) + a . b; `width` fills `vectors` vectors, the last of them
/// only in part if `masked`. Constant arguments make every combination its own straight loop.
BT_INLINE void BT_T(tile)(const int rows, const int vectors, const bool masked, int64_t k,
                          const T *a, int64_t a_m, int64_t a_k, const T *b, int64_t b_k, T *c,
                          int64_t c_m, int64_t width, bool accumulate) {
  V sum[R][2];
  BT_T(mask) part = BT_T(first)(masked ? width - (vectors - 1) * L : L);
  BT_UNROLL for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = (V){0};
  // A pointer for three rows: more would not fit the registers.
  const T *three[(R + 2) / 3];
  BT_UNROLL for (int t = 0; t < (rows + 2) / 3; ++t) three[t] = a + 3 * t * a_m;
  for (int64_t p = 0; p < k; ++p, b += b_k) {
    V b0 = masked && vectors == 1 ? BT_T(load_part)(b, part) : BT_T(load)(b), b1 = {0};
    if (vectors == 2) b1 = masked ? BT_T(load_part)(b + L, part) : BT_T(load)(b + L);
    BT_UNROLL for (int i = 0; i < rows; ++i) {
      V x = BT_T(splat)(three[i / 3][i % 3 * a_m]);
      sum[i][0] = BT_FMA(x, b0, sum[i][0]);
      if (vectors == 2) sum[i][1] = BT_FMA(x, b1, sum[i][1]);
    }
    BT_UNROLL for (int t = 0; t < (rows + 2) / 3; ++t) three[t] += a_k;
  }
  BT_UNROLL for (int i = 0; i < rows; ++i)
    BT_UNROLL for (int j = 0; j < vectors; ++j) {
      T *to = c + i * c_m + j * L;
      bool partial = masked && j == vectors - 1;
      if (accumulate) sum[i][j] += partial ? BT_T(load_part)(to, part) : BT_T(load)(to);
      if (partial) BT_T(store_part)(to, part, sum[i][j]);
      else BT_T(store)(to, sum[i][j]);
    }
}

typedef void (*BT_T(tile_function))(int64_t k, const T *a, int64_t a_m, int64_t a_k, const T *b,
                                    int64_t b_k, T *c, int64_t c_m, int64_t width,
                                    bool accumulate);

#define BT_TILE(rows, vectors, masked, name)                                                     \
  static void BT_T(name)(int64_t k, const T *a, int64_t a_m, int64_t a_k, const T *b,            \
                         int64_t b_k, T *c, int64_t c_m, int64_t width, bool accumulate) {       \
    BT_T(tile)(rows, vectors, masked, k, a, a_m, a_k, b, b_k, c, c_m, width, accumulate);        \
  }
#define BT_TILES(n)                                                                              \
  BT_TILE(n, 1, false, whole1_##n)                                                               \
  BT_TILE(n, 2, false, whole2_##n)                                                               \
  BT_TILE(n, 1, true, part1_##n)                                                                 \
  BT_TILE(n, 2, true, part2_##n)
BT_EACH_ROW_COUNT(BT_TILES)
#define BT_WHOLE1(n) BT_T(whole1_##n),
#define BT_WHOLE2(n) BT_T(whole2_##n),
#define BT_PART1(n) BT_T(part1_##n),
#define BT_PART2(n) BT_T(part2_##n),
static const BT_T(tile_function) BT_T(tiles)[2][2][R] = {
    {{BT_EACH_ROW_COUNT(BT_WHOLE1)}, {BT_EACH_ROW_COUNT(BT_WHOLE2)}},
    {{BT_EACH_ROW_COUNT(BT_PART1)}, {BT_EACH_ROW_COUNT(BT_PART2)}},
};

/// Rows of the tile at row i of m: tiles as even as they can be, since short ones waste most.
BT_INLINE int64_t BT_T(tile_height)(int64_t m, int64_t i) {
  int64_t left = m - i;
  return bt_ceil_divide(left, bt_ceil_divide(left, R));
}

static void BT_T(block)(int64_t m, int64_t n, int64_t k, const void *a, int64_t a_m, int64_t a_k,
                        bool a_packed, const void *b, int64_t b_k, int64_t b_panel, void *c,
                        int64_t c_m, bool accumulate) {
  const T *b_at = b;
  for (int64_t j = 0; j < n; j += 2 * L, b_at += b_panel) {
    int64_t width = bt_min(2 * L, n - j), height;
    const BT_T(tile_function) *functions = BT_T(tiles)[width % L != 0][width > L];
    const T *a_at = a;
    for (int64_t i = 0; i < m; i += height) {
      height = BT_T(tile_height)(m, i);
      T *c_at = (T *)c + i * c_m + j;
      if (a_packed) {
        functions[height - 1](k, a_at, 1, height, b_at, b_k, c_at, c_m, width, accumulate);
        a_at += height * k;
      } else {
        functions[height - 1](k, a_at, a_m, a_k, b_at, b_k, c_at, c_m, width, accumulate);
        a_at += height * a_m;
      }
    }
  }
}

/// Tiles in order, in each k rows of as many elements as the tile is high.
static void BT_T(pack_a)(int64_t m, int64_t k, const void *a, int64_t a_m, int64_t a_k,
                         void *packed) {
  const T *in = a;
  T *out = packed;
  for (int64_t i = 0, height; i < m; i += height) {
    height = BT_T(tile_height)(m, i);
    BT_T(transpose_into)(k, height, out, height, in, a_k, a_m);
    in += height * a_m;
    out += height * k;
  }
}

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

enum { BT_T(row_vectors) = 8, BT_T(row_depth) = 64 };

/// 64 rows of B at a time over all columns: what is near in memory is read together.
static void BT_T(wide_row)(int64_t n, int64_t k, const void *a, int64_t a_k, const void *b,
                           int64_t b_k, void *c) {
  enum { wide = 8 * L };
  for (int64_t p0 = 0; p0 < k; p0 += BT_T(row_depth)) {
    int64_t depth = bt_min(BT_T(row_depth), k - p0), j = 0;
    const T *a_at = (const T *)a + p0 * a_k, *b_at = (const T *)b + p0 * b_k;
    T *out = c;
    for (; j + wide <= n; j += wide) {
      V sum[BT_T(row_vectors)];
      BT_UNROLL for (int v = 0; v < BT_T(row_vectors); ++v)
        sum[v] = p0 ? BT_T(load)(out + j + v * L) : (V){0};
      const T *row = b_at + j;
      for (int64_t p = 0; p < depth; ++p, row += b_k) {
        V x = BT_T(splat)(a_at[p * a_k]);
        BT_UNROLL for (int v = 0; v < BT_T(row_vectors); ++v)
          sum[v] = BT_FMA(x, BT_T(load)(row + v * L), sum[v]);
      }
      BT_UNROLL for (int v = 0; v < BT_T(row_vectors); ++v)
        BT_T(store)(out + j + v * L, sum[v]);
    }
    if (j < n)
      BT_T(block)(1, n - j, depth, a_at, 0, a_k, false, b_at + j, b_k, 2 * L, out + j, n, p0 > 0);
  }
}

// MARK: along k

/// By halves, so that it takes log2(L) steps.
BT_INLINE T BT_T(lane_sum)(V v) {
  T lanes[L];
  BT_T(store)(lanes, v);
  BT_UNROLL for (int width = L / 2; width > 0; width /= 2)
    BT_UNROLL for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  return lanes[0];
}

/// c[rows, columns] of products of lines, each summed in the lanes of one vector.
BT_INLINE void BT_T(dots_tile)(const int rows, const int columns, int64_t k, const T *a,
                               int64_t a_m, const T *b, int64_t b_n, T *c, int64_t c_m) {
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
    BT_UNROLL for (int j = 0; j < columns; ++j) c[i * c_m + j] = BT_T(lane_sum)(sum[i][j]);
}

#define BT_DOTS(rows, columns)                                                                   \
  case rows * 4 + columns - 5: BT_T(dots_tile)(rows, columns, k, x, a_m, y, b_n, z, c_m); break;
static void BT_T(dots)(int64_t m, int64_t n, int64_t k, const void *a, int64_t a_m, const void *b,
                       int64_t b_n, void *c, int64_t c_m) {
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

#undef BT_TILE
#undef BT_TILES
#undef BT_WHOLE1
#undef BT_WHOLE2
#undef BT_PART1
#undef BT_PART2
#undef BT_DOTS
#undef R
