#if defined(__x86_64__)

#include <math.h>

#include "inner_loops.h"

#define BT_SET bt_set_sse2
#define BT_SET_NAME "sse2"
#define BT_FLOATS 4
#define BT_DOUBLES 2
#define BT_HAS_FMA 0
#define BT_HAS_ROUND 0
// Of 16 registers: 8 sums, 2 of B, 1 of A and the product on its way.
#define BT_TILE_ROWS 4
#define BT_EACH_ROW_COUNT(X) X(1) X(2) X(3) X(4)

#include "Set/set.inc.h"

#endif
