#include <math.h>

#include "inner_loops.h"

#define BT_SET bt_set_scalar
#define BT_SET_NAME "scalar"
#define BT_FLOATS 1
#define BT_DOUBLES 1
#define BT_HAS_FMA 0
#define BT_HAS_ROUND 0
// Of the 16 registers of x86-64: 8 sums, 2 of B, 1 of A.
#define BT_TILE_ROWS 4
#define BT_EACH_ROW_COUNT(X) X(1) X(2) X(3) X(4)

#include "Set/set.inc.h"
