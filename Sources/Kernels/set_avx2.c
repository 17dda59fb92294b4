#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#include "inner_loops.h"

#define BT_SET bt_set_avx2
#define BT_SET_NAME "avx2"
#define BT_FLOATS 8
#define BT_DOUBLES 4
#define BT_HAS_FMA 1
#define BT_HAS_ROUND 1
#define BT_MASKS_AVX2
// Of 16 registers: 12 sums, 2 of B, 1 of A.
#define BT_TILE_ROWS 6
#define BT_EACH_ROW_COUNT(X) X(1) X(2) X(3) X(4) X(5) X(6)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "Set/set.inc.h"
#pragma clang attribute pop

#endif
