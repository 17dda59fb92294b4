#include "matrix_factors.h"
#include "matrix_rows.h"

#pragma clang fp contract(off)

// Singular values by rotations of pairs of rows until all are orthogonal (Hestenes), which finds
// small ones as exactly as large ones.

enum { most_sweeps = 60 };

/// Rows of g[n, n] turned until they are orthogonal, those of j in the same way. Ten sweeps are
/// usual; what the last of many would still turn is rounding.
static void make_orthogonal(int64_t n, double *g, double *j) {
  double tolerance = 2 * bt_epsilon * sqrt((double)n);
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    bool is_done = true;
    for (int64_t p = 0; p < n - 1; ++p) {
      for (int64_t q = p + 1; q < n; ++q) {
        double *first = g + p * n, *second = g + q * n, products[4];
        bt_dots(2, 2, n, first, second - first, first, second - first, products, 2,
                (bt_into){1, false});
        double a = products[0], b = products[3], c = products[1];
        if (a < b) {
          bt_swap_rows(first, second, n);
          bt_swap_rows(j + p * n, j + q * n, n);
          double x = a;
          a = b;
          b = x;
        }
        double size = sqrt(a) * sqrt(b);
        if (fabs(c) <= tolerance * size || size < 0x1p-960) continue;
        is_done = false;
        double zeta = (b - a) / (2 * c);
        double t = copysign(1 / (fabs(zeta) + hypot(1, zeta)), zeta);
        double cosine = 1 / hypot(1, t), sine = cosine * t;
        bt_rotate(n, cosine, -sine, first, second);
        bt_rotate(n, cosine, -sine, j + p * n, j + q * n);
      }
    }
    if (is_done) return;
  }
}

/// Sizes from which the first turns are found at once.
enum { least_started = 24 };
/// What the smallest diagonal element is at least, in parts of the largest: else turning all rows
/// at once would spoil the short ones.
static const double least_diagonal = 1e-4;

/// Turns rows of g[n, n], upper triangular, by the eigenvectors of g g', so that they are nearly
/// orthogonal, the longest first; j is how. `spare` holds 3 n n + 5 n numbers.
static void start(int64_t n, double *g, double *j, double *spare) {
  for (int64_t i = 0; i < n * n; ++i) j[i] = i % (n + 1) == 0;
  double least = INFINITY, largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    least = fmin(least, fabs(g[i * (n + 1)]));
    largest = fmax(largest, fabs(g[i * (n + 1)]));
  }
  if (n < least_started || !(least > least_diagonal * largest)) return;
  double *squares = spare, *vectors = squares + n * n, *values = vectors + n * n;
  bt_dots(n, n, n, g, n, g, n, squares, n, (bt_into){1, false});
  bt_eigh_factor(n, squares, values, vectors, values + n);
  if (isnan(values[0])) return;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n; ++k) j[i * n + k] = vectors[k * n + n - 1 - i];
  memcpy(squares, g, (size_t)(n * n) * sizeof(double));
  bt_set_product(n, n, n, j, n, 1, squares, n, g, n);
}

/// Row `row` of g becomes one of length 1 that is orthogonal to those before it.
static void complete(int64_t n, int64_t row, double *g, double *spare) {
  double *x = g + row * n, least = 2;
  int64_t chosen = 0;
  // The axis that the rows before say least about.
  for (int64_t i = 0; i < n; ++i) {
    double share = 0;
    for (int64_t j = 0; j < row; ++j) share += g[j * n + i] * g[j * n + i];
    if (share < least) {
      least = share;
      chosen = i;
    }
  }
  for (int64_t i = 0; i < n; ++i) x[i] = i == chosen;
  for (int repeat = 0; repeat < 2; ++repeat) {
    bt_dots(row, 1, n, g, n, x, 0, spare, 1, (bt_into){1, false});
    bt_add_product(1, n, row, -1, spare, 0, 1, g, n, x, n);
    double square;
    bt_dots(1, 1, n, x, 0, x, 0, &square, 1, (bt_into){1, false});
    double length = sqrt(square);
    for (int64_t i = 0; i < n; ++i) x[i] /= length;
  }
}

void bt_svd_factor(int64_t m, int64_t n, double *a, double *u, double *values, double *v,
                   double *spare) {
  double *q = spare, *g = q + m * n, *j = g + n * n, *rest = j + n * n;
  double scale = bt_scale_to_one(a, m * n);
  for (int64_t i = 0; i < m * n; ++i) a[i] *= scale;
  if (isnan(scale)) {
    bt_fill_nan(u, m * n);
    bt_fill_nan(values, n);
    bt_fill_nan(v, n * n);
    return;
  }
  bt_qr_factor(m, n, a, q, g, rest);
  start(n, g, j, rest);
  make_orthogonal(n, g, j);
  for (int64_t i = 0; i < n; ++i) {
    double square;
    bt_dots(1, 1, n, g + i * n, 0, g + i * n, 0, &square, 1, (bt_into){1, false});
    values[i] = sqrt(square);
  }
  for (int64_t i = 0; i < n; ++i) {
    int64_t largest = i;
    for (int64_t k = i + 1; k < n; ++k)
      if (values[k] > values[largest]) largest = k;
    if (largest != i) {
      bt_swap_rows(values + i, values + largest, 1);
      bt_swap_rows(g + i * n, g + largest * n, n);
      bt_swap_rows(j + i * n, j + largest * n, n);
    }
    if (values[i] > 0x1p-480) {
      for (int64_t k = 0; k < n; ++k) g[i * n + k] /= values[i];
    } else {
      complete(n, i, g, rest);
    }
    values[i] /= scale;
    for (int64_t k = 0; k < n; ++k) v[k * n + i] = g[i * n + k];
  }
  // a = q g = (q j') (j g)
  bt_dots(m, n, n, q, n, j, n, u, n, (bt_into){1, false});
}
