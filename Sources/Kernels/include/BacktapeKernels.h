#ifndef BACKTAPE_KERNELS_H
#define BACKTAPE_KERNELS_H

// Loops over raw memory. Nothing here knows tensors: callers pass addresses, extents and strides.
// Strides count elements, may be 0 (an element repeated) or negative, and need not be ordered.
// Every function accepts extents of 0 and then touches no memory but the result of a reduction.
// Results have the same bits for any number of threads: how work is cut depends on shapes alone.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BT_ENUM(name) \
  enum __attribute__((enum_extensibility(closed))) name : uint8_t

/// Axes a walk may have.
#define BT_MAX_RANK 8

/// Element types; bool is one byte, 0 or 1.
typedef BT_ENUM(bt_dtype){
    bt_bool, bt_uint8, bt_int32, bt_int64, bt_float32, bt_float64,
} bt_dtype;

/// Elementwise operations of one operand. Those from `bt_exp` to `bt_rsqrt` take floating point
/// only.
typedef BT_ENUM(bt_unary_operation){
    bt_negate, bt_abs, bt_sign, bt_floor, bt_ceil, bt_round, bt_not,
    bt_exp, bt_expm1, bt_exp2, bt_log, bt_log1p, bt_log2, bt_log10, bt_sin, bt_cos, bt_tan,
    bt_tanh, bt_sigmoid, bt_erf, bt_erfc, bt_erf_inverse, bt_lgamma, bt_sqrt, bt_rsqrt,
} bt_unary_operation;

/// Elementwise operations of two operands of one type. Comparisons write bool; and, or, xor take
/// bool.
typedef BT_ENUM(bt_binary_operation){
    bt_add, bt_subtract, bt_multiply, bt_divide, bt_power, bt_maximum, bt_minimum, bt_remainder,
    bt_atan2, bt_equal, bt_not_equal, bt_less, bt_less_equal, bt_and, bt_or, bt_xor,
} bt_binary_operation;

/// Reductions. The arg variants write int64 and answer the first position.
typedef BT_ENUM(bt_reduction){
    bt_reduce_sum, bt_reduce_max, bt_reduce_min, bt_reduce_argmax, bt_reduce_argmin,
} bt_reduction;

/// What a kernel answers: it never traps and never prints.
typedef BT_ENUM(bt_status){bt_ok, bt_division_by_zero, bt_unsupported, bt_no_memory} bt_status;

/// One operand of a walk: its first element, and the step in elements along each axis.
typedef struct {
  void *address;
  const int64_t *strides;
} bt_operand;

/// Strides of an operand that is one element repeated along all axes.
static inline const int64_t *bt_repeated(void) {
  static const int64_t zeros[BT_MAX_RANK] = {0};
  return zeros;
}

// MARK: elementwise (out may be one of the operands if address and strides are equal)

bt_status bt_unary(bt_unary_operation operation, bt_dtype dtype, int32_t rank,
                   const int64_t *extents, bt_operand out, bt_operand a);
bt_status bt_binary(bt_binary_operation operation, bt_dtype dtype, int32_t rank,
                    const int64_t *extents, bt_operand out, bt_operand a, bt_operand b);

/// How the operands of a dense operation lie: each `n` neighbouring elements, or one of them
/// repeated.
typedef BT_ENUM(bt_layout){bt_both_vary, bt_left_constant, bt_right_constant} bt_layout;

/// `bt_unary` and `bt_binary` of operands without gaps: small operations are little but a call.
bt_status bt_unary_dense(bt_unary_operation operation, bt_dtype dtype, int64_t n, void *out,
                         const void *a);
bt_status bt_binary_dense(bt_binary_operation operation, bt_dtype dtype, int64_t n, void *out,
                          const void *a, const void *b, bt_layout layout);

/// out = condition ? a : b, by element size (1, 4 or 8 bytes); the condition is bool.
void bt_select(size_t element_size, int32_t rank, const int64_t *extents, bt_operand out,
               bt_operand condition, bt_operand a, bt_operand b);
/// `bt_select` of operands without gaps, or of one element repeated.
void bt_select_dense(size_t element_size, int64_t n, void *out, const void *condition,
                     const void *a, bool a_constant, const void *b, bool b_constant);
/// Conversion; floating point to integer saturates, NaN becomes 0; anything but 0 is true.
void bt_cast(bt_dtype to, bt_dtype from, int32_t rank, const int64_t *extents, bt_operand out,
             bt_operand a);
/// The derivative `order` + 1 of log |Γ(x)|, of floating point.
bt_status bt_polygamma(int order, bt_dtype dtype, int32_t rank, const int64_t *extents,
                       bt_operand out, bt_operand a);
/// Strided copy by element size.
void bt_copy(size_t element_size, int32_t rank, const int64_t *extents, bt_operand out,
             bt_operand a);

// MARK: reductions

/// Reduces the middle axis of `in[outer, n, inner]` with the given strides into the contiguous
/// `out[outer, inner]`. The sum over nothing is 0; max, min and arg need n > 0. NaN wins max and
/// min.
bt_status bt_reduce(bt_reduction reduction, bt_dtype dtype, int64_t outer, int64_t n,
                    int64_t inner, void *out, const void *in, int64_t outer_stride,
                    int64_t n_stride, int64_t inner_stride);

// MARK: along a line (both `in[outer, n, inner]` and `out` of that shape contiguous)

/// out = the sums of the elements up to each along the middle axis; floats are summed in double,
/// integers wrap. bool is not summed.
bt_status bt_cumulative_sum(bt_dtype dtype, int64_t outer, int64_t n, int64_t inner, void *out,
                            const void *in);
/// out = the positions along the middle axis in the order of their elements. Equal elements keep
/// their order, descending too; NaN is larger than any number, -0 equals 0.
void bt_argsort(bt_dtype dtype, bool descending, int64_t outer, int64_t n, int64_t inner,
                int64_t *out, const void *in);

// MARK: rows by number

/// Of `[batch, middle, n, inner]` (contiguous) the `count` rows per batch that `indices`
/// `[batch, count]` (int32 or int64) name.
typedef struct {
  bt_dtype dtype, index_dtype;
  int64_t batch, middle, n, inner, count;
  const void *indices;
} bt_rows;

/// The position of the first of `count` indices that is not in 0..<extent, or -1.
int64_t bt_first_outside(bt_dtype dtype, int64_t count, const void *indices, int64_t extent);
/// out[batch, middle, count, inner] = the rows named. Indices must be inside.
void bt_gather(const bt_rows *rows, void *out, const void *in);
/// out[batch, middle, n, inner] = 0, then the rows of in[batch, middle, count, inner] added at the
/// rows named, in order. Indices must be inside.
bt_status bt_scatter_add(const bt_rows *rows, void *out, const void *in);

// MARK: matrices

/// Functions of a matrix `[rows, columns]`. Their results lie packed in one array:
///   cholesky         the lower factor of a symmetric matrix `[n, n]`, of which the lower triangle
///                    is read; all NaN if it is not positive definite
///   determinant      `[3 + 2 n]`: the determinant; how many pivots are not 0 and the sign of the
///                    exchanges, when each pivot is the largest element left; the orders of rows and
///                    of columns
///   log_determinant  `[2]`: the determinant's sign and the logarithm of its magnitude
///   qr               `[rows + columns, columns]`, rows >= columns: Q over R
///   eigh             `[1 + n, n]`: the ascending eigenvalues of a symmetric matrix, of which the
///                    lower triangle is read, over the columns of its eigenvectors
///   svd              `[1 + rows + columns, columns]`, rows >= columns: the descending singular
///                    values over U over V, of U . diag(values) . V'
///   exponential      `[n, n]`
typedef BT_ENUM(bt_matrix_function){
    bt_cholesky, bt_determinant, bt_log_determinant, bt_qr, bt_eigh, bt_svd, bt_matrix_exponential,
} bt_matrix_function;

/// The part of a matrix that equations are solved with.
typedef BT_ENUM(bt_matrix_part){bt_whole, bt_lower, bt_upper} bt_matrix_part;

/// out[count, ...] = a function of each of the matrices a[count, rows, columns], float32 or float64
/// without gaps. Everything is computed in float64, and rounded once.
bt_status bt_matrix(bt_matrix_function function, bt_dtype dtype, int64_t count, int64_t rows,
                    int64_t columns, void *out, const void *a);
/// out[count, n, columns] = the solutions x of a x = b, for a[count, n, n] and b[count, n, columns].
/// All NaN if elimination of a whole matrix meets a pivot of 0.
bt_status bt_solve(bt_matrix_part part, bt_dtype dtype, int64_t count, int64_t n, int64_t columns,
                   void *out, const void *a, const void *b);

// MARK: the machine

/// Name of the instruction set in use: "avx512", "avx2", "sse2", "neon" or "scalar". Chosen once,
/// the best the processor has, or the one the environment variable BACKTAPE_INSTRUCTION_SET names
/// if it has that.
const char *bt_instruction_set(void);
/// Changes the instruction set to the named one, to the best the processor has if it lacks that
/// one, or to the one chosen at start if `name` is null; answers the one now in use. For tests:
/// nothing else may run meanwhile.
const char *bt_select_instruction_set(const char *name);
/// Threads used, the caller included: BACKTAPE_THREADS if set, else the number of processors.
int32_t bt_thread_count(void);
void bt_set_thread_count(int32_t count);

#include "BacktapeAddresses.h"
#include "BacktapePlans.h"

#endif
