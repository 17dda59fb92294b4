#ifndef BACKTAPE_KERNELS_INNER_LOOPS_H
#define BACKTAPE_KERNELS_INNER_LOOPS_H

// The table of inner loops that an instruction set provides.

#include "internal.h"

#define BT_UNARY_OPERATIONS 25
#define BT_BINARY_OPERATIONS 16

typedef void (*bt_unary_loop)(int64_t n, void *out, const void *a);
typedef void (*bt_binary_loop)(int64_t n, void *out, const void *a, const void *b,
                               bt_layout layout);

/// Folds `rows` rows of `width` neighbouring elements into `width` accumulators that are set
/// already; `spare` is a second row of accumulators for the lost low parts (compensated sums).
typedef void (*bt_fold_rows)(int64_t rows, int64_t width, void *accumulators, void *spare,
                             const void *in, int64_t row_stride);

/// What becomes of a sum of products: c = scale * sum or, accumulating, c + scale * sum.
typedef struct {
  double scale;
  bool accumulate;
} bt_into;

/// What the tiles of a product have in common. A tile is rows times one or two vectors of columns.
typedef struct {
  int64_t runs, depth;              // how many runs, and the length of each
  const int64_t *a_runs, *b_runs;   // where they begin
  int64_t a_m, a_k, b_k, c_m;       // steps of rows and along a run
  int64_t ahead;                    // from a row of b to that of the next panel, to fetch it
  const int64_t *a_rows, *c_rows;   // of loose tiles, where rows begin; a_m and c_m are theirs not
  bt_into into;
} bt_product_tile;

/// Into c[rows, width] goes the sum over runs and their steps of a . b.
typedef void (*bt_tile_function)(const bt_product_tile *tile, const void *a, const void *b,
                                 void *c, int64_t width);

/// Where the tiles of a width begin: for every number of rows one.
static inline int64_t bt_tiles_of_width(int64_t width, int64_t lanes, int64_t tile_rows) {
  return ((width % lanes != 0) * 2 + (width > lanes)) * tile_rows;
}

/// Floating-point products on one instruction set; the columns of b and c are neighbours.
typedef struct {
  int32_t tile_rows, lanes;
  /// Indexed [bt_tiles_of_width + rows - 1], loose ones [width is not a whole vector][rows - 1].
  const bt_tile_function *tiles, *loose_tiles;
  /// One run, all in place, or panels of b from `pack_b`, `b_panel` elements apart.
  void (*block)(int64_t m, int64_t n, int64_t k, const void *a, int64_t a_m, int64_t a_k,
                const void *b, int64_t b_k, int64_t b_panel, void *c, int64_t c_m,
                bt_into into);
  void (*wide_row)(int64_t n, int64_t k, const void *a, int64_t a_k, const void *b, int64_t b_k,
                   void *c, bt_into into);
  void (*dots)(int64_t m, int64_t n, int64_t k, const void *a, int64_t a_m, const void *b,
               int64_t b_n, void *c, int64_t c_m, bt_into into);
  void (*pack_b)(int64_t n, int64_t k, const void *b, int64_t b_k, int64_t b_n, void *packed);
  /// The lines [c s; -s c] . [x; y] of two rows, which do not overlap.
  void (*rotate)(int64_t n, double c, double s, void *x, void *y);
} bt_products;

/// out[i * out_row + j] = in[j * in_row + i] for i < rows and j < columns; strides in elements.
typedef void (*bt_transpose)(int64_t rows, int64_t columns, void *out, int64_t out_row,
                             const void *in, int64_t in_row);

typedef struct bt_machine bt_machine;

/// Runs steps over tiles of columns from `column` on until `end` is reached.
typedef void (*bt_run_tiles)(bt_machine *machine, const bt_step *steps, const bt_step *steps_end,
                             int64_t column, int64_t end);

/// What runs tile programs of one type: see program_machine.h.
typedef struct {
  int32_t lanes, narrow_width;
  /// By 8 vectors, whole tiles alone; by 4 and by fewer, the last piece of any length.
  bt_run_tiles full, half, narrow;
  /// By 8 vectors of several rows: from one tile to another of those that tables describe.
  bt_run_tiles packed;
  /// out = the sums, from what the steps left in scratch.
  void (*column_sums)(int64_t period, int64_t width, const void *scratch, int64_t apart, void *out);
  void (*total)(const void *scratch, void *out);
} bt_programs;

/// The inner loops of one instruction set; null where an operation does not take a type.
typedef struct bt_set {
  const char *name;
  /// One of half the vectors, and of the same bits but in sums, or null.
  const struct bt_set *narrower;
  bt_unary_loop unary[BT_UNARY_OPERATIONS][BT_DTYPES];
  bt_binary_loop binary[BT_BINARY_OPERATIONS][BT_DTYPES];
  bt_unary_loop cast[BT_DTYPES][BT_DTYPES];  // [to][from]
  bt_fold_rows fold[3][BT_DTYPES];           // sum, max, min
  /// Max and min that note in `spare` the last row that was better, and leave it where none was:
  /// an int64 for types of 8 bytes, else an int32.
  bt_fold_rows find[2][BT_DTYPES];
  bt_transpose transpose4, transpose8;
  bt_products products32, products64;
  bt_programs programs32, programs64;
} bt_set;

#if defined(__x86_64__)
extern const bt_set bt_set_sse2, bt_set_avx2, bt_set_avx512;
#elif defined(__aarch64__)
extern const bt_set bt_set_neon;
#endif
extern const bt_set bt_set_scalar;

#endif
