#if defined(__aarch64__)

#include <math.h>

#include "inner_loops.h"

#define BT_SET bt_set_neon
#define BT_SET_NAME "neon"
#define BT_FLOATS 4
#define BT_DOUBLES 2
#define BT_HAS_FMA 1
#define BT_HAS_ROUND 1
// Of 32 registers: 16 sums, 2 of B, 8 of A that the next step may load early.
#define BT_TILE_ROWS 8
#define BT_EACH_ROW_COUNT(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)

#include "Set/set.inc.h"

#endif
