#include "internal.h"
#include "products.h"

// MARK: integers and bool

#define INTEGER_DOT(T, U, add, multiply)                                                         \
  static void dot_##T(const bt_product *p, int64_t batch) {                                      \
    const U *a = (const U *)p->a + batch * p->a_batch, *b = (const U *)p->b + batch * p->b_batch;\
    U *c = (U *)p->out + batch * p->m * p->n;                                                    \
    for (int64_t i = 0; i < p->m; ++i, c += p->n) {                                              \
      memset(c, 0, (size_t)p->n * sizeof(U));                                                    \
      for (int64_t q = 0; q < p->k; ++q) {                                                       \
        U x = a[i * p->a_m + q * p->a_k];                                                        \
        const U *row = b + q * p->b_k;                                                           \
        for (int64_t j = 0; j < p->n; ++j) c[j] = (U)(c[j] add(x multiply row[j * p->b_n]));     \
      }                                                                                          \
    }                                                                                            \
  }
typedef uint8_t truth;
INTEGER_DOT(truth, truth, |, &)
INTEGER_DOT(uint8_t, uint8_t, +, *)
INTEGER_DOT(int32_t, uint32_t, +, *)
INTEGER_DOT(int64_t, uint64_t, +, *)

bt_status bt_dot(bt_dtype dtype, int64_t batch, int64_t m, int64_t n, int64_t k, void *out,
                 const void *a, int64_t a_batch, int64_t a_m, int64_t a_k, const void *b,
                 int64_t b_batch, int64_t b_k, int64_t b_n) {
  if (batch == 0 || m == 0 || n == 0) return bt_ok;
  if (k == 0) {
    memset(out, 0, (size_t)(batch * m * n) * bt_dtype_sizes[dtype]);
    return bt_ok;
  }
  bt_product product = {batch, m, n, k, out, a, a_batch, a_m, a_k, b, b_batch, b_k, b_n};
  switch (dtype) {
    case bt_float32: bt_float_dot(&product, &bt_current_set()->products32, 4); break;
    case bt_float64: bt_float_dot(&product, &bt_current_set()->products64, 8); break;
    case bt_bool: for (int64_t i = 0; i < batch; ++i) dot_truth(&product, i); break;
    case bt_uint8: for (int64_t i = 0; i < batch; ++i) dot_uint8_t(&product, i); break;
    case bt_int32: for (int64_t i = 0; i < batch; ++i) dot_int32_t(&product, i); break;
    case bt_int64: for (int64_t i = 0; i < batch; ++i) dot_int64_t(&product, i); break;
  }
  return bt_ok;
}
