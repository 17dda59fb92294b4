#include <stdio.h>

#include "check.h"

// Reductions along neighbours, across them, and over strides.

typedef struct {
  bt_reduction reduction;
  bt_dtype dtype;
  int64_t outer, n, inner, outer_stride, n_stride, inner_stride;
  const void *in;
} reduction;

static void run(const void *context, void *out) {
  const reduction *r = context;
  bt_reduce(r->reduction, r->dtype, r->outer, r->n, r->inner, out, r->in, r->outer_stride,
            r->n_stride, r->inner_stride);
}

static void check_reduction(bt_reduction kind_of, bt_dtype dtype, int64_t outer, int64_t n,
                            int64_t inner, int way) {
  reduction r = {kind_of, dtype, outer, n, inner, n * inner, inner, 1, 0};
  if (way == 1) r.outer_stride = 1, r.n_stride = outer, r.inner_stride = outer * n;
  if (way == 2) r.outer_stride = 2 * n * inner, r.n_stride = 2 * inner, r.inner_stride = 2;
  kind values_of = kind_of == bt_reduce_sum ? plain : with_specials;
  void *in = values(dtype, 2 * outer * n * inner + 1, values_of);
  r.in = in;
  char name[120];
  snprintf(name, sizeof name, "reduction %d of type %d, [%d, %d, %d], way %d", kind_of, dtype,
           (int)outer, (int)n, (int)inner, way);
  // Sums round in an order that the width of vectors decides; their scale is that of the values.
  difference sum = {2, 60 * (double)n};
  bt_dtype result = kind_of >= bt_reduce_argmax ? bt_int64 : dtype;
  check(name, &r, run, result, outer * inner, 0, kind_of == bt_reduce_sum ? sum : same);
  free(in);
}

void check_reductions(void) {
  for (int kind_of = bt_reduce_sum; kind_of <= bt_reduce_argmin; ++kind_of) {
    for (int dtype = bt_uint8; dtype <= bt_float64; ++dtype) {
      bt_reduction k = (bt_reduction)kind_of;
      bt_dtype d = (bt_dtype)dtype;
      for (int64_t n = 1; n <= 67; ++n) {
        check_reduction(k, d, 1 + n % 3, n, 1, (int)n % 3);
        check_reduction(k, d, 1 + n % 2, 1 + n % 7, n, (int)n % 3);
        check_reduction(k, d, n, 5, 3, (int)n % 3);
      }
      check_reduction(k, d, 3, 20011, 1, 0);
      check_reduction(k, d, 1, 3001, 67, 0);
      check_reduction(k, d, 301, 307, 1, 1);
      if (kind_of == bt_reduce_sum) check_reduction(k, d, 3, 0, 5, 0);
    }
  }
}
