#ifndef BACKTAPE_KERNELS_MATRIX_H
#define BACKTAPE_KERNELS_MATRIX_H

// Textbook factorizations of one matrix of float64 without gaps, rows one after the other. They
// overwrite `a` where it is not const, and end whatever the elements are, NaN and infinity too.

#include <math.h>

#include "internal.h"

/// Half the distance from 1 to the next number.
static const double bt_epsilon = 0x1p-53;
/// Columns that are worked on together before the rest of the matrix hears of them.
enum { bt_matrix_block = 32 };

/// c[m, n] += scale * a[m, k] . b[k, n]; the columns of b and c are neighbours.
static inline void bt_add_product(int64_t m, int64_t n, int64_t k, double scale, const double *a,
                                  int64_t a_m, int64_t a_k, const double *b, int64_t b_k,
                                  double *c, int64_t c_m) {
  const bt_products *products = &bt_current_set()->products64;
  bt_into into = {scale, true};
  if (m == 0 || n == 0 || k == 0) return;
  if (n == 1 && a_k == 1 && b_k == 1) products->dots(m, 1, k, a, a_m, b, 0, c, c_m, into);
  else products->block(m, n, k, a, a_m, a_k, b, b_k, 2 * products->lanes, c, c_m, into);
}

/// c[m, n] = a[m, k] . b[k, n]; the columns of b and c are neighbours.
static inline void bt_set_product(int64_t m, int64_t n, int64_t k, const double *a, int64_t a_m,
                                  int64_t a_k, const double *b, int64_t b_k, double *c,
                                  int64_t c_m) {
  const bt_products *products = &bt_current_set()->products64;
  products->block(m, n, k, a, a_m, a_k, b, b_k, 2 * products->lanes, c, c_m,
                  (bt_into){1, false});
}

/// c[m, n] = or += scale * a[m, k] . b[n, k], lines along k without gaps.
static inline void bt_dots(int64_t m, int64_t n, int64_t k, const double *a, int64_t a_m,
                           const double *b, int64_t b_n, double *c, int64_t c_m, bt_into into) {
  if (m == 0 || n == 0) return;
  bt_current_set()->products64.dots(m, n, k, a, a_m, b, b_n, c, c_m, into);
}

static inline void bt_fill_nan(double *out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) out[i] = NAN;
}

static inline void bt_swap_rows(double *a, double *b, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    double x = a[i];
    a[i] = b[i];
    b[i] = x;
  }
}

/// The lines [c s; -s c] . [x; y] of two rows.
static inline void bt_rotate(int64_t n, double c, double s, double *x, double *y) {
  bt_current_set()->products64.rotate(n, c, s, x, y);
}

/// The power of 2 by which elements are multiplied so that the largest is about 1, and squares
/// neither overflow nor vanish; NaN if one is not finite.
double bt_scale_to_one(const double *a, int64_t count);

// MARK: equations and determinants

/// b[n, k] = the solution x of a x = b; NaN if a pivot of a is 0.
void bt_solve_general(int64_t n, int64_t k, double *a, double *b);
/// The same of the lower (or upper) triangle of a; the other one is not read.
void bt_solve_lower(int64_t n, int64_t k, const double *a, bool has_unit_diagonal, double *b);
void bt_solve_upper(int64_t n, int64_t k, const double *a, double *b);
/// a[n, n] = its lower factor, from its lower triangle; NaN if a leading minor is not positive.
void bt_cholesky_factor(int64_t n, double *a);

/// out[2] = the sign of the determinant, and the logarithm of its magnitude.
void bt_log_determinant_of(int64_t n, double *a, double *out);
/// out[3 + 2 n] = what elimination with a choice among all remaining elements finds: the
/// determinant, the number of pivots that are not 0, the sign of the exchanges, the order of rows
/// and of columns; or what one among rows finds where that is as good. `spare` holds n n numbers.
void bt_determinant_of(int64_t n, double *a, double *out, double *spare);

// MARK: orthogonal factors

/// Makes x[count] (every `step`-th element) a reflector's vector v with v[0] = 1, where
/// (1 - tau v v') x = (beta, 0, ..., 0). Answers tau; 0 if there is nothing to reflect.
double bt_make_reflector(int64_t count, double *x, int64_t step, double *beta);
/// q[m, n] and r[n, n] of a[m, n], m >= n; `spare` holds m + 2 n numbers. The signs are LAPACK's.
void bt_qr_factor(int64_t m, int64_t n, double *a, double *q, double *r, double *spare);
/// values[n] ascending, and vectors as the columns of v[n, n], from the lower triangle of a;
/// `spare` holds n n + 4 n numbers.
void bt_eigh_factor(int64_t n, double *a, double *values, double *v, double *spare);
/// values[n] descending, u[m, n] and v[n, n] of a[m, n] = u . diag(values) . v', m >= n; `spare`
/// holds m n + 5 n n + m + 5 n numbers.
void bt_svd_factor(int64_t m, int64_t n, double *a, double *u, double *values, double *v,
                   double *spare);
/// out[n, n] = exp(a); `spare` holds 6 n n numbers.
void bt_exponential(int64_t n, double *a, double *out, double *spare);

#endif
