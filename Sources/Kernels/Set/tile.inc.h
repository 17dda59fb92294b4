// The register tile of products for one type T, of which a vector V has L lanes; BT_T names
// functions. R rows by two vectors of sums are held in registers: A is broadcast from where it
// lies, B read as vectors. The sum is over runs: stretches of the contracted axes that begin
// anywhere.

#define R BT_TILE_ROWS

/// c[rows, width] from a . b; `width` fills `vectors` vectors, the last of them only in part if
/// `masked`. Constant arguments make every combination its own straight loop.
BT_INLINE void BT_T(tile)(const int rows, const int vectors, const bool masked,
                          const bt_product_tile *tile, const T *a, const T *b, T *c,
                          int64_t width) {
  V sum[R][2];
  BT_T(mask) part = BT_T(first)(masked ? width - (vectors - 1) * L : L);
  int64_t a_m = tile->a_m, a_k = tile->a_k, b_k = tile->b_k, depth = tile->depth;
  BT_UNROLL for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = (V){0};
  for (int64_t run = 0; run < tile->runs; ++run) {
    // A pointer for three rows: more would not fit the registers.
    const T *three[(R + 2) / 3], *line = b + tile->b_runs[run];
    BT_UNROLL for (int t = 0; t < (rows + 2) / 3; ++t)
      three[t] = a + tile->a_runs[run] + 3 * t * a_m;
    for (int64_t p = 0; p < depth; ++p, line += b_k) {
      V b0 = masked && vectors == 1 ? BT_T(load_part)(line, part) : BT_T(load)(line), b1 = {0};
      if (vectors == 2) b1 = masked ? BT_T(load_part)(line + L, part) : BT_T(load)(line + L);
      // The next panel: row by row, no other prefetching finds it.
      if (vectors == 2 && !masked) {
        __builtin_prefetch(line + 2 * L);
        __builtin_prefetch(line + 3 * L);
      }
      BT_UNROLL for (int i = 0; i < rows; ++i) {
        V x = BT_T(splat)(three[i / 3][i % 3 * a_m]);
        sum[i][0] = BT_FMA(x, b0, sum[i][0]);
        if (vectors == 2) sum[i][1] = BT_FMA(x, b1, sum[i][1]);
      }
      BT_UNROLL for (int t = 0; t < (rows + 2) / 3; ++t) three[t] += a_k;
    }
  }
  bool accumulate = tile->into.accumulate;
  T scale = (T)tile->into.scale;
  BT_UNROLL for (int i = 0; i < rows; ++i)
    BT_UNROLL for (int j = 0; j < vectors; ++j) {
      T *to = c + i * tile->c_m + j * L;
      bool partial = masked && j == vectors - 1;
      if (scale != 1) sum[i][j] *= scale;
      if (accumulate) sum[i][j] += partial ? BT_T(load_part)(to, part) : BT_T(load)(to);
      if (partial) BT_T(store_part)(to, part, sum[i][j]);
      else BT_T(store)(to, sum[i][j]);
    }
}

/// The same for one vector of columns and rows that lie anywhere. Four steps of a run share what
/// finding a row costs.
BT_INLINE void BT_T(loose_tile)(const int rows, const bool masked, const bt_product_tile *tile,
                                const T *a, const T *b, T *c, int64_t width) {
  V sum[R];
  BT_T(mask) part = BT_T(first)(masked ? width : L);
  int64_t a_k = tile->a_k, b_k = tile->b_k, depth = tile->depth;
  BT_UNROLL for (int i = 0; i < rows; ++i) sum[i] = (V){0};
  for (int64_t run = 0; run < tile->runs; ++run) {
    const T *at = a + tile->a_runs[run], *line = b + tile->b_runs[run];
    int64_t p = 0;
    for (; p + 4 <= depth; p += 4, at += 4 * a_k, line += 4 * b_k) {
      V y[4];
      BT_UNROLL for (int q = 0; q < 4; ++q)
        y[q] = masked ? BT_T(load_part)(line + q * b_k, part) : BT_T(load)(line + q * b_k);
      BT_UNROLL for (int i = 0; i < rows; ++i) {
        const T *x = at + tile->a_rows[i];
        BT_UNROLL for (int q = 0; q < 4; ++q)
          sum[i] = BT_FMA(BT_T(splat)(x[q * a_k]), y[q], sum[i]);
      }
    }
    for (; p < depth; ++p, at += a_k, line += b_k) {
      V y = masked ? BT_T(load_part)(line, part) : BT_T(load)(line);
      BT_UNROLL for (int i = 0; i < rows; ++i)
        sum[i] = BT_FMA(BT_T(splat)(at[tile->a_rows[i]]), y, sum[i]);
    }
  }
  bool accumulate = tile->into.accumulate;
  T scale = (T)tile->into.scale;
  BT_UNROLL for (int i = 0; i < rows; ++i) {
    T *to = c + tile->c_rows[i];
    if (scale != 1) sum[i] *= scale;
    if (accumulate) sum[i] += masked ? BT_T(load_part)(to, part) : BT_T(load)(to);
    if (masked) BT_T(store_part)(to, part, sum[i]);
    else BT_T(store)(to, sum[i]);
  }
}

#define BT_TILE(rows, vectors, masked, name)                                                     \
  static void BT_T(name)(const bt_product_tile *tile, const void *a, const void *b, void *c,     \
                         int64_t width) {                                                        \
    BT_T(tile)(rows, vectors, masked, tile, a, b, c, width);                                     \
  }
#define BT_LOOSE_TILE(rows, masked, name)                                                        \
  static void BT_T(name)(const bt_product_tile *tile, const void *a, const void *b, void *c,     \
                         int64_t width) {                                                        \
    BT_T(loose_tile)(rows, masked, tile, a, b, c, width);                                        \
  }
#define BT_TILES(n)                                                                              \
  BT_TILE(n, 1, false, whole1_##n)                                                               \
  BT_TILE(n, 2, false, whole2_##n)                                                               \
  BT_TILE(n, 1, true, part1_##n)                                                                 \
  BT_TILE(n, 2, true, part2_##n)                                                                 \
  BT_LOOSE_TILE(n, false, whole_loose_##n)                                                       \
  BT_LOOSE_TILE(n, true, part_loose_##n)
BT_EACH_ROW_COUNT(BT_TILES)
#define BT_WHOLE1(n) BT_T(whole1_##n),
#define BT_WHOLE2(n) BT_T(whole2_##n),
#define BT_PART1(n) BT_T(part1_##n),
#define BT_PART2(n) BT_T(part2_##n),
#define BT_WHOLE_LOOSE(n) BT_T(whole_loose_##n),
#define BT_PART_LOOSE(n) BT_T(part_loose_##n),
static const bt_tile_function BT_T(tiles)[] = {
    BT_EACH_ROW_COUNT(BT_WHOLE1) BT_EACH_ROW_COUNT(BT_WHOLE2)
    BT_EACH_ROW_COUNT(BT_PART1) BT_EACH_ROW_COUNT(BT_PART2)
};
static const bt_tile_function BT_T(loose_tiles)[] = {
    BT_EACH_ROW_COUNT(BT_WHOLE_LOOSE) BT_EACH_ROW_COUNT(BT_PART_LOOSE)
};

/// Rows of the next tile: as even as they can be, short ones waste most.
BT_INLINE int64_t BT_T(next_height)(int64_t left) {
  return left <= R ? left : bt_ceil_divide(left, bt_ceil_divide(left, R));
}

/// c[m, n] from a . b for one run, everything read in place; panels of two vectors of b are
/// `b_panel` elements apart. All rows go through a panel while it is near; but a large result of
/// few steps is made tile by tile, along the lines it lies in.
static void BT_T(block)(int64_t m, int64_t n, int64_t k, const void *a, int64_t a_m, int64_t a_k,
                        const void *b, int64_t b_k, int64_t b_panel, void *c, int64_t c_m,
                        bt_into into) {
  static const int64_t begin = 0;
  bt_product_tile tile = {.depth = k, .a_m = a_m, .a_k = a_k, .b_k = b_k, .c_m = c_m, .runs = 1,
                          .a_runs = &begin, .b_runs = &begin, .into = into};
  int64_t size = sizeof(T), group = m;
  bool along_lines = m * n * size > 256 << 10 && n * k * size <= 512 << 10;
  for (int64_t first = 0; first < m; first += group) {
    if (along_lines) group = BT_T(next_height)(m - first);
    const T *b_at = b;
    for (int64_t j = 0; j < n; j += 2 * L, b_at += b_panel) {
      int64_t width = bt_min(2 * L, n - j), height;
      const bt_tile_function *functions = BT_T(tiles) + bt_tiles_of_width(width, L, R) - 1;
      for (int64_t i = first; i < first + group; i += height) {
        height = BT_T(next_height)(m - i);
        functions[height](&tile, (const T *)a + i * a_m, b_at, (T *)c + i * c_m + j, width);
      }
    }
  }
}

#undef BT_TILE
#undef BT_LOOSE_TILE
#undef BT_TILES
#undef BT_WHOLE1
#undef BT_WHOLE2
#undef BT_PART1
#undef BT_PART2
#undef BT_WHOLE_LOOSE
#undef BT_PART_LOOSE
#undef R
