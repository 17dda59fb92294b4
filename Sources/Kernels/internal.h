#ifndef BACKTAPE_KERNELS_INTERNAL_H
#define BACKTAPE_KERNELS_INTERNAL_H

// What the files of this layer share: the table of inner loops an instruction set provides, walks
// over strided memory, the thread pool and scratch memory.

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "BacktapeKernels.h"

#define BT_DTYPES 6
#define BT_UNARY_OPERATIONS 25
#define BT_BINARY_OPERATIONS 16
#define BT_REDUCTIONS 5

static const size_t bt_dtype_sizes[BT_DTYPES] = {1, 1, 4, 8, 4, 8};

static inline int64_t bt_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t bt_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t bt_ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// MARK: inner loops

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

/// What runs tile programs of one type: see program.h.
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

/// The set in use; null until it is first asked for.
extern _Atomic(const bt_set *) bt_chosen_set;
const bt_set *bt_choose_set(void);

/// The set in use.
static inline const bt_set *bt_current_set(void) {
  const bt_set *set = atomic_load_explicit(&bt_chosen_set, memory_order_relaxed);
  return __builtin_expect(!set, 0) ? bt_choose_set() : set;
}

/// The set for lines of so many bytes: what fills half a vector is better a whole one, since parts
/// of vectors are slow to store and to load again.
static inline const bt_set *bt_set_for(int64_t bytes) {
  const bt_set *set = bt_current_set();
  bool is_narrow = set->narrower && bytes <= 8 * set->narrower->products64.lanes;
  return is_narrow ? set->narrower : set;
}

// MARK: threads and memory

/// Calls `body` once for every chunk in 0..<chunks, on several threads where they are free. Safe to
/// nest and to call from many threads: a caller that finds the pool busy runs its chunks itself.
void bt_parallel(int64_t chunks, void (*body)(void *context, int64_t chunk), void *context);

/// Memory of the calling thread, 64-byte aligned, kept until the thread ends or asks the same slot
/// for more. Null when there is none. Slots are named by their user so that none nest.
typedef enum {
  bt_scratch_contraction, bt_scratch_reduce, bt_scratch_program, bt_scratch_order,
  bt_scratch_matrix,
  bt_scratch_slots
} bt_scratch_slot;
void *bt_scratch(bt_scratch_slot slot, size_t bytes);

/// A region that takes less than this on one thread is not worth waking another for.
static const double bt_parallel_nanoseconds = 30e3;
/// What a chunk of an elementwise region should take: long against a claim, short against a stall.
static const double bt_chunk_nanoseconds = 10e3;

#endif
