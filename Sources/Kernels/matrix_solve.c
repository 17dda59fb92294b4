#include "matrix_factors.h"
#include "matrix_rows.h"

#pragma clang fp contract(off)

// Equations by elimination, in blocks of columns so that most of the work is products.

/// Columns that are worked on together before the rest of the matrix hears of them.
enum { block_columns = 32 };

void bt_solve_lower(int64_t n, int64_t k, const double *a, bool has_unit_diagonal, double *b) {
  for (int64_t start = 0; start < n; start += block_columns) {
    int64_t end = bt_min(start + block_columns, n);
    for (int64_t i = start; i < end; ++i) {
      double *row = b + i * k;
      bt_add_product(1, k, i - start, -1, a + i * n + start, n, 1, b + start * k, k, row, k);
      if (!has_unit_diagonal)
        for (int64_t j = 0; j < k; ++j) row[j] /= a[i * n + i];
    }
    bt_add_product(n - end, k, end - start, -1, a + end * n + start, n, 1, b + start * k, k,
                   b + end * k, k);
  }
}

void bt_solve_upper(int64_t n, int64_t k, const double *a, double *b) {
  for (int64_t end = n; end > 0; end -= block_columns) {
    int64_t start = bt_max(end - block_columns, 0);
    for (int64_t i = end - 1; i >= start; --i) {
      double *row = b + i * k;
      bt_add_product(1, k, end - i - 1, -1, a + i * n + i + 1, n, 1, b + (i + 1) * k, k, row, k);
      for (int64_t j = 0; j < k; ++j) row[j] /= a[i * n + i];
    }
    bt_add_product(start, k, end - start, -1, a + start, n, 1, b + start * k, k, b, k);
  }
}

/// Eliminates the columns start..<end below their diagonals, each by the largest element there.
/// False if a pivot is 0. Rows of b[n, k] are exchanged with those of a; each time `sign` changes.
static bool eliminate_columns(int64_t n, int64_t k, int64_t start, int64_t end, double *a,
                              double *b, double *sign) {
  for (int64_t j = start; j < end; ++j) {
    int64_t chosen = j;
    for (int64_t i = j + 1; i < n; ++i)
      if (fabs(a[i * n + j]) > fabs(a[chosen * n + j])) chosen = i;
    double pivot = a[chosen * n + j];
    if (pivot == 0) return false;
    if (chosen != j) {
      bt_swap_rows(a + j * n, a + chosen * n, n);
      if (k > 0) bt_swap_rows(b + j * k, b + chosen * k, k);
      *sign = -*sign;
    }
    for (int64_t i = j + 1; i < n; ++i) a[i * n + j] /= pivot;
    bt_add_product(n - j - 1, end - j - 1, 1, -1, a + (j + 1) * n + j, n, 1, a + j * n + j + 1, n,
                   a + (j + 1) * n + j + 1, n);
  }
  return true;
}

/// The factors of a, rows exchanged, in its place; as for its columns.
static bool factor(int64_t n, int64_t k, double *a, double *b, double *sign) {
  for (int64_t start = 0; start < n; start += block_columns) {
    int64_t end = bt_min(start + block_columns, n), rest = n - end;
    if (!eliminate_columns(n, k, start, end, a, b, sign)) return false;
    for (int64_t i = start + 1; i < end; ++i)
      bt_add_product(1, rest, i - start, -1, a + i * n + start, n, 1, a + start * n + end, n,
                     a + i * n + end, n);
    bt_add_product(rest, rest, end - start, -1, a + end * n + start, n, 1, a + start * n + end, n,
                   a + end * n + end, n);
  }
  return true;
}

void bt_solve_general(int64_t n, int64_t k, double *a, double *b) {
  double sign = 1;
  if (!factor(n, k, a, b, &sign)) {
    bt_fill_nan(b, n * k);
    return;
  }
  bt_solve_lower(n, k, a, true, b);
  bt_solve_upper(n, k, a, b);
}

/// A product that neither overflows nor vanishes: mantissa * 2^exponent.
typedef struct {
  double mantissa;
  int64_t exponent;
} product;

static void multiply(product *all, double factor) {
  int theirs = 0, ours = 0;
  double mantissa = all->mantissa * frexp(factor, &theirs);
  all->mantissa = frexp(mantissa, &ours);
  // Infinity and NaN have no exponent to be trusted.
  if (isfinite(mantissa)) all->exponent += theirs + ours;
}

void bt_log_determinant_of(int64_t n, double *a, double *out) {
  product all = {1, 0};
  if (!factor(n, 0, a, NULL, &all.mantissa)) {
    out[0] = 0;
    out[1] = -INFINITY;
    return;
  }
  for (int64_t i = 0; i < n; ++i) multiply(&all, a[i * n + i]);
  out[0] = isnan(all.mantissa) ? NAN : copysign(1, all.mantissa);
  out[1] = log(fabs(all.mantissa)) + (double)all.exponent * 0.6931471805599453;
}

void bt_cholesky_factor(int64_t n, double *a) {
  bt_into less = {-1, true};
  for (int64_t start = 0; start < n; start += block_columns) {
    int64_t end = bt_min(start + block_columns, n);
    bt_dots(n - start, end - start, start, a + start * n, n, a + start * n, n,
            a + start * n + start, n, less);
    for (int64_t j = start; j < end; ++j) {
      double *column = a + j * n + j;
      bt_dots(n - j, 1, j - start, a + j * n + start, n, a + j * n + start, n, column, n, less);
      if (!(*column > 0)) {
        bt_fill_nan(a, n * n);
        return;
      }
      double pivot = sqrt(*column);
      for (int64_t i = 0; i < n - j; ++i) column[i * n] /= pivot;
      column[0] = pivot;
      for (int64_t i = j + 1; i < n; ++i) a[j * n + i] = 0;
    }
  }
}

/// What ldexp takes is an int; beyond this everything is 0 or infinite.
static double number(product all) {
  int exponent = (int)bt_max(bt_min(all.exponent, 4096), -4096);
  return all.mantissa == 0 ? 0 : ldexp(all.mantissa, exponent);
}

/// Where choosing among the rows is enough: smaller pivots than this part of the largest are left
/// to the choice among all elements.
static const double least_pivot = 1e-6;
/// Smaller matrices gain nothing.
enum { least_factored = 16 };

/// The same by the factors of a, which take blocks of columns at a time. False, and nothing done
/// that matters, if a is near to a singular matrix or not finite.
static bool determinant_by_factors(int64_t n, double *a, double *out) {
  double *rows = out + 3, *columns = rows + n, sign = 1, least = INFINITY, largest = 0;
  product all = {1, 0};
  for (int64_t i = 0; i < n; ++i) rows[i] = columns[i] = (double)i;
  if (!factor(n, 1, a, rows, &sign)) return false;
  for (int64_t i = 0; i < n; ++i) {
    double pivot = fabs(a[i * n + i]);
    if (!isfinite(pivot)) return false;
    least = fmin(least, pivot);
    largest = fmax(largest, pivot);
    multiply(&all, a[i * n + i]);
  }
  out[0] = sign * number(all);
  out[1] = (double)n;
  out[2] = sign;
  return least > least_pivot * largest;
}

void bt_determinant_of(int64_t n, double *a, double *out, double *spare) {
  if (n >= least_factored) {
    memcpy(spare, a, (size_t)(n * n) * sizeof(double));
    if (determinant_by_factors(n, spare, out)) return;
  }
  double *rows = out + 3, *columns = rows + n, sign = 1;
  int64_t rank = 0;
  product all = {1, 0};
  for (int64_t i = 0; i < n; ++i) rows[i] = columns[i] = (double)i;
  for (int64_t k = 0; k < n; ++k) {
    int64_t row = k, column = k;
    double largest = -1;
    for (int64_t i = k; i < n; ++i)
      for (int64_t j = k; j < n; ++j)
        // NaN goes before all.
        if (!(fabs(a[i * n + j]) <= largest) && !isnan(largest)) {
          largest = fabs(a[i * n + j]);
          row = i;
          column = j;
        }
    if (row != k) {
      bt_swap_rows(a + k * n, a + row * n, n);
      bt_swap_rows(rows + k, rows + row, 1);
      sign = -sign;
    }
    if (column != k) {
      for (int64_t i = 0; i < n; ++i) bt_swap_rows(a + i * n + k, a + i * n + column, 1);
      bt_swap_rows(columns + k, columns + column, 1);
      sign = -sign;
    }
    double pivot = a[k * n + k];
    multiply(&all, pivot);
    if (pivot == 0) break;
    rank = k + 1;
    for (int64_t i = k + 1; i < n; ++i) a[i * n + k] /= pivot;
    bt_add_product(n - k - 1, n - k - 1, 1, -1, a + (k + 1) * n + k, n, 1, a + k * n + k + 1, n,
                   a + (k + 1) * n + k + 1, n);
  }
  out[0] = sign * number(all);
  out[1] = (double)rank;
  out[2] = sign;
}
