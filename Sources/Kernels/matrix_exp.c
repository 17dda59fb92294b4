#include "matrix_factors.h"
#include "matrix_rows.h"

#pragma clang fp contract(off)

// The exponential by a quotient of polynomials of degree 13 at a / 2^s, squared s times (Higham,
// "The Scaling and Squaring Method for the Matrix Exponential Revisited", 2005).

static const double coefficients[] = {
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000,
    10559470521600,    670442572800,      33522128640,      1323241920,       40840800,
    960960,            16380,             182,              1,
};
/// The largest norm for which the quotient is exact to the last bit.
static const double largest_norm = 5.371920351148152;

/// The largest sum of magnitudes in a column.
static double norm_of(int64_t n, const double *a) {
  double largest = 0;
  for (int64_t j = 0; j < n; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += fabs(a[i * n + j]);
    if (!(sum <= largest)) largest = sum;
  }
  return largest;
}

void bt_exponential(int64_t n, double *a, double *out, double *spare) {
  int64_t size = n * n;
  double norm = norm_of(n, a);
  if (!isfinite(norm)) {
    bt_fill_nan(out, size);
    return;
  }
  int squarings = norm > largest_norm ? ilogb(norm / largest_norm) + 1 : 0;
  for (int64_t i = 0; i < size; ++i) a[i] = ldexp(a[i], -squarings);

  const double *b = coefficients;
  double *a2 = spare, *a4 = a2 + size, *a6 = a4 + size, *inner = a6 + size, *odd = inner + size;
  double *even = odd + size;
  bt_set_product(n, n, n, a, n, 1, a, n, a2, n);
  bt_set_product(n, n, n, a2, n, 1, a2, n, a4, n);
  bt_set_product(n, n, n, a4, n, 1, a2, n, a6, n);
  for (int64_t i = 0; i < size; ++i) inner[i] = b[13] * a6[i] + b[11] * a4[i] + b[9] * a2[i];
  bt_set_product(n, n, n, a6, n, 1, inner, n, even, n);
  for (int64_t i = 0; i < size; ++i)
    even[i] += b[7] * a6[i] + b[5] * a4[i] + b[3] * a2[i] + (i % (n + 1) == 0 ? b[1] : 0);
  bt_set_product(n, n, n, a, n, 1, even, n, odd, n);
  for (int64_t i = 0; i < size; ++i) inner[i] = b[12] * a6[i] + b[10] * a4[i] + b[8] * a2[i];
  bt_set_product(n, n, n, a6, n, 1, inner, n, even, n);
  for (int64_t i = 0; i < size; ++i) {
    even[i] += b[6] * a6[i] + b[4] * a4[i] + b[2] * a2[i] + (i % (n + 1) == 0 ? b[0] : 0);
    out[i] = even[i] + odd[i];
    even[i] -= odd[i];
  }
  bt_solve_general(n, n, even, out);
  for (int step = 0; step < squarings; ++step) {
    bt_set_product(n, n, n, out, n, 1, out, n, inner, n);
    memcpy(out, inner, (size_t)size * sizeof(double));
  }
}
