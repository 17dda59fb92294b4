// The most multiplications and additions a core can do: chains of fused multiply-adds that wait for
// nothing but themselves, held in registers. The number of threads is OMP_NUM_THREADS.
#include "protocol.h"

#include <omp.h>

#if defined(__AVX512F__)
enum { width = 64 };
#elif defined(__AVX__)
enum { width = 32 };
#else
enum { width = 16 };
#endif
typedef float floats __attribute__((vector_size(width)));
typedef double doubles __attribute__((vector_size(width)));

enum { chains = 12, rounds = 500000 };
static volatile double sink;

// One fused multiply-add for each chain; `x` and `y` keep the values near 1.
#define CHAINS(type, scalar)                                              \
  _Pragma("omp parallel") {                                               \
    type a[chains];                                                       \
    type x = (type){} + (scalar)0.999, y = (type){} + (scalar)0.001;      \
    __asm__ volatile("" : "+x"(x), "+x"(y));                              \
    for (int c = 0; c < chains; c++) a[c] = x;                            \
    for (long i = 0; i < rounds; i++)                                     \
      _Pragma("GCC unroll 12") for (int c = 0; c < chains; c++)           \
        a[c] = a[c] * x + y;                                              \
    type total = a[0];                                                    \
    for (int c = 1; c < chains; c++) total += a[c];                       \
    sink = (double)total[0];                                              \
  }

static void single(void) { CHAINS(floats, float) }
static void twofold(void) { CHAINS(doubles, double) }

int main(void) {
  // Items are operations, a multiply-add being two.
  double operations = 2.0 * chains * rounds * omp_get_max_threads();
  struct anchor_case cases[] = {
      {"f32", single, operations * (width / sizeof(float)), NULL},
      {"f64", twofold, operations * (width / sizeof(double)), NULL}};
  return anchor_serve(cases, 2);
}
