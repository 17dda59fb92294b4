#ifndef BACKTAPE_KERNELS_CONTRACTION_PART_H
#define BACKTAPE_KERNELS_CONTRACTION_PART_H

// A part of a contraction, and the tables its loops go through: runs of the contracted axes, tiles
// of rows, panels of columns. Offsets are in elements.

#include "contraction_prepared.h"

enum {
  bt_most_runs = 256,  // of a block
  bt_most_rows = 16,   // of a tile
  bt_most_width = 32,  // of a panel
};

typedef struct {
  const bt_prepared *plan;
  const char *a, *b;
  char *c;
  int64_t term_count;
  const int64_t *a_terms, *b_terms;
  bt_axes rows, columns;           // the plan's, or less of the leading one
  int64_t batch_begin, batch_end;
  int64_t tile_begin, tile_end;    // of rows
  int64_t panel_begin, panel_end;  // of columns
  int64_t run_begin, run_end;
  int64_t depth_begin, depth_end;  // along the innermost contracted axis
  bool is_staged;    // columns of c are not neighbours
  bool has_no_room;  // to pack B: columns one by one, which need no neighbours
  char *packed_a, *packed_b;
} bt_part;

/// Stretches of the contracted axes, all of one length.
typedef struct {
  int64_t runs, depth;
  int64_t a[bt_most_runs], b[bt_most_runs];
} bt_run_block;

/// At most `most` runs from run `first` on, `depth` steps of the innermost axis from `from` on.
void bt_fill_runs(bt_run_block *block, const bt_part *part, int64_t first, int64_t most,
                  int64_t from, int64_t depth);

typedef struct {
  int64_t a, c, height;
} bt_row_tile;
void bt_fill_tiles(bt_row_tile *tiles, const bt_part *part, int64_t first, int64_t count);

typedef struct {
  int64_t height, a[bt_most_rows], c[bt_most_rows];
} bt_loose_tile;
void bt_fill_loose_tiles(bt_loose_tile *tiles, const bt_part *part, int64_t first, int64_t count);

typedef struct {
  int64_t b, c, width;
} bt_panel;
void bt_fill_panels(bt_panel *panels, const bt_part *part, int64_t first, int64_t count);

#endif
