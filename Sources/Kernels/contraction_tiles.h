#ifndef BACKTAPE_KERNELS_CONTRACTION_TILES_H
#define BACKTAPE_KERNELS_CONTRACTION_TILES_H

#include "contraction_part.h"

/// Runs the tiles and panels of a part.
void bt_run_contraction_tiles(bt_part *part);

#endif
