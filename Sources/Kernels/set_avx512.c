#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#include "inner_loops.h"

#define BT_SET bt_set_avx512
#define BT_SET_NAME "avx512"
#define BT_NARROWER_SET bt_set_avx2
#define BT_FLOATS 16
#define BT_DOUBLES 8
#define BT_HAS_FMA 1
#define BT_HAS_ROUND 1
#define BT_MASKS_AVX512
#define BT_NARROW_VECTORS 2
// Of 32 registers: 28 sums, 2 of B, 1 of A.
#define BT_TILE_ROWS 14
#define BT_EACH_ROW_COUNT(X) \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma"))), apply_to = function)
#include "Set/set.inc.h"
#pragma clang attribute pop

#endif
