#include "matrix_factors.h"
#include "matrix_rows.h"

#pragma clang fp contract(off)

// Householder reflections, and the eigenvalues they lead to.

/// Makes x[count] (every `step`-th element) a reflector's vector v with v[0] = 1, where
/// (1 - tau v v') x = (beta, 0, ..., 0). Answers tau; 0 if there is nothing to reflect.
static double make_reflector(int64_t count, double *x, int64_t step, double *beta) {
  double alpha = x[0], largest = fabs(alpha), square = 0;
  for (int64_t i = 1; i < count; ++i)
    // NaN is to arrive.
    if (!(fabs(x[i * step]) <= largest)) largest = fabs(x[i * step]);
  double scale = bt_scale_to_one(&largest, 1);
  if (isnan(scale)) scale = 1;
  for (int64_t i = 1; i < count; ++i) {
    x[i * step] *= scale;
    square += x[i * step] * x[i * step];
  }
  x[0] = 1;
  *beta = alpha;
  if (square == 0) return 0;
  alpha *= scale;
  double length = -copysign(sqrt(alpha * alpha + square), alpha);
  *beta = length / scale;
  for (int64_t i = 1; i < count; ++i) x[i * step] /= alpha - length;
  return (length - alpha) / length;
}

/// a[m, n] -= tau v (v' a), for rows `stride` apart; `w` holds n numbers.
static void reflect(int64_t m, int64_t n, double tau, const double *v, double *a, int64_t stride,
                    double *w) {
  if (n == 0 || tau == 0) return;
  bt_set_product(1, n, m, v, 0, 1, a, stride, w, n);
  bt_add_product(m, n, 1, -tau, v, 1, 1, w, n, a, stride);
}

void bt_qr_factor(int64_t m, int64_t n, double *a, double *q, double *r, double *spare) {
  double *v = spare, *taus = spare + m, *w = taus + n;
  memset(r, 0, (size_t)(n * n) * sizeof(double));
  for (int64_t k = 0; k < n; ++k) {
    double *column = a + k * n + k;
    taus[k] = make_reflector(m - k, column, n, &r[k * n + k]);
    for (int64_t i = 0; i < m - k; ++i) v[i] = column[i * n];
    reflect(m - k, n - k - 1, taus[k], v, column + 1, n, w);
    for (int64_t j = k + 1; j < n; ++j) r[k * n + j] = a[k * n + j];
  }
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) q[i * n + j] = i == j;
  for (int64_t k = n - 1; k >= 0; --k) {
    for (int64_t i = 0; i < m - k; ++i) v[i] = a[(k + i) * n + k];
    reflect(m - k, n - k, taus[k], v, q + k * n + k, n, w);
  }
}

/// a, symmetric, becomes tridiagonal: d[n], e[n - 1]. The rows of z[n, n] are what the columns of
/// the orthogonal factor are; `spare` holds 3 n numbers.
static void make_tridiagonal(int64_t n, double *a, double *d, double *e, double *z,
                             double *spare) {
  double *v = spare, *w = spare + n, *taus = spare + 2 * n;
  for (int64_t k = 0; k < n - 1; ++k) {
    double *row = a + k * n + k + 1, *rest = row + n;
    int64_t m = n - k - 1;
    d[k] = a[k * n + k];
    double tau = taus[k] = make_reflector(m, row, 1, &e[k]);
    if (tau == 0) continue;
    memcpy(v, row, (size_t)m * sizeof(double));
    // rest -= v w' + w v', with w = tau (rest v) - (tau / 2) (w' v) v
    bt_dots(m, 1, m, rest, n, v, 0, w, 1, (bt_into){tau, false});
    double product;
    bt_dots(1, 1, m, w, 0, v, 0, &product, 1, (bt_into){1, false});
    for (int64_t i = 0; i < m; ++i) w[i] -= tau / 2 * product * v[i];
    bt_add_product(m, m, 2, -1, v, 1, n, w, -n, rest, n);
  }
  d[n - 1] = a[n * n - 1];
  // The product of the reflections from the left, on the transpose from the right.
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j) z[i * n + j] = i == j;
  for (int64_t k = n - 2; k >= 0; --k) {
    int64_t m = n - k - 1;
    const double *x = a + k * n + k + 1;
    double *part = z + (k + 1) * n + k + 1;
    if (taus[k] == 0) continue;
    bt_dots(m, 1, m, part, n, x, 0, w, 1, (bt_into){1, false});
    bt_add_product(m, m, 1, -taus[k], w, 1, 1, x, n, part, n);
  }
}

/// Steps that an eigenvalue may take; two are usual.
enum { most_steps = 80 };

/// The eigenvalues of a tridiagonal matrix in place of d, by implicit QL steps (EISPACK's imtql2);
/// what turns columns turns the rows of z. False if they do not settle.
static bool settle(int64_t n, double *d, double *e, double *z) {
  for (int64_t l = 0; l < n; ++l) {
    for (int step = 0;; ++step) {
      int64_t m = l;
      while (m < n - 1 && fabs(e[m]) > bt_epsilon * (fabs(d[m]) + fabs(d[m + 1])) &&
             fabs(e[m]) > 0x1p-1000)
        ++m;
      if (m == l) break;
      if (step == most_steps) return false;
      double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1), s = 1, c = 1, p = 0;
      g = d[m] - d[l] + e[l] / (g + copysign(r, g));
      int64_t i = m - 1;
      for (; i >= l; --i) {
        double f = s * e[i], b = c * e[i];
        r = e[i + 1] = hypot(f, g);
        if (r == 0) {
          d[i + 1] -= p;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        bt_rotate(n, c, -s, z + i * n, z + (i + 1) * n);
      }
      e[m] = 0;
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
    }
  }
  return true;
}

void bt_eigh_factor(int64_t n, double *a, double *values, double *v, double *spare) {
  double *z = spare, *e = z + n * n;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i + 1; j < n; ++j) a[i * n + j] = a[j * n + i];
  double scale = bt_scale_to_one(a, n * n);
  for (int64_t i = 0; i < n * n; ++i) a[i] *= scale;
  bool is_found = !isnan(scale);
  if (is_found) {
    make_tridiagonal(n, a, values, e, z, e + n);
    is_found = settle(n, values, e, z);
  }
  if (!is_found) {
    bt_fill_nan(values, n);
    bt_fill_nan(v, n * n);
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    int64_t least = i;
    for (int64_t j = i + 1; j < n; ++j)
      if (values[j] < values[least]) least = j;
    if (least != i) {
      bt_swap_rows(values + i, values + least, 1);
      bt_swap_rows(z + i * n, z + least * n, n);
    }
    values[i] /= scale;
    for (int64_t j = 0; j < n; ++j) v[j * n + i] = z[i * n + j];
  }
}
