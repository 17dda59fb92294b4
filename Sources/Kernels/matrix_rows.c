#include "matrix_rows.h"

#pragma clang fp contract(off)

double bt_scale_to_one(const double *a, int64_t count) {
  double largest = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (!isfinite(a[i])) return NAN;
    largest = fmax(largest, fabs(a[i]));
  }
  if (largest == 0) return 1;
  // The scale of the smallest numbers is no number any more, but the next is near enough.
  int exponent = -ilogb(largest);
  return ldexp(1, exponent > 1022 ? 1022 : exponent);
}
