#ifndef BACKTAPE_KERNELS_MATRIX_FACTORS_H
#define BACKTAPE_KERNELS_MATRIX_FACTORS_H

// Textbook factorizations of one matrix of float64 without gaps, rows one after the other. They
// overwrite `a` where it is not const, and end whatever the elements are, NaN and infinity too.

#include <stdbool.h>
#include <stdint.h>

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

/// q[m, n] and r[n, n] of a[m, n], m >= n; `spare` holds m + 2 n numbers. The signs are LAPACK's.
void bt_qr_factor(int64_t m, int64_t n, double *a, double *q, double *r, double *spare);
/// values[n] ascending, and vectors as the columns of v[n, n], from the lower triangle of a;
/// `spare` holds n n + 4 n numbers.
void bt_eigh_factor(int64_t n, double *a, double *values, double *v, double *spare);
/// values[n] descending, u[m, n] and v[n, n] of a[m, n] = u . diag(values) . v', m >= n; `spare`
/// holds m n + 5 n n + m + 5 n numbers.
void bt_svd_factor(int64_t m, int64_t n, double *a, double *u, double *values, double *v,
                   double *spare);

// MARK: the exponential

/// out[n, n] = exp(a); `spare` holds 6 n n numbers.
void bt_exponential(int64_t n, double *a, double *out, double *spare);

#endif
