#ifndef BACKTAPE_KERNELS_MATRIX_ROWS_H
#define BACKTAPE_KERNELS_MATRIX_ROWS_H

// What factorizations do with rows of float64: products, exchanges, rotations, a scale.

#include <math.h>

#include "instruction_set.h"

/// Half the distance from 1 to the next number.
static const double bt_epsilon = 0x1p-53;

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

#endif
