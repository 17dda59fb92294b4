#ifndef BACKTAPE_KERNELS_PRODUCTS_H
#define BACKTAPE_KERNELS_PRODUCTS_H

#include "internal.h"

/// The arguments of bt_dot; none of the extents is 0.
typedef struct {
  int64_t batch, m, n, k;
  char *out;
  const char *a;
  int64_t a_batch, a_m, a_k;
  const char *b;
  int64_t b_batch, b_k, b_n;
} bt_product;

void bt_float_dot(bt_product *product, const bt_products *kernels, int64_t size);

#endif
