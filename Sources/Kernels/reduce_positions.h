#ifndef BACKTAPE_KERNELS_REDUCE_POSITIONS_H
#define BACKTAPE_KERNELS_REDUCE_POSITIONS_H

#include "reduce_blocks.h"

/// argmax and argmin, into int64.
void bt_reduce_positions(const bt_reduce_shape *shape);

#endif
