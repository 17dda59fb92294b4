#include "contraction_tiles.h"

// The loops over tiles: panels of columns, blocks of the contracted axes, groups of rows, and in
// them every panel by every tile. An element is the same sum in the same order wherever parts,
// tiles and panels begin.

enum {
  group_tiles = 64,  // gone through for every panel
  loose_group_tiles = 16,
  group_elements = 1 << 16,  // of A in a group: it stays in the L2 cache
  group_panels = 128,        // gone through for a block of runs
  pack_columns = 2048,       // columns of B packed at a time
  pack_gap = 16,             // elements between packed rows of A: equal distances would share sets
};

static const int64_t run_at_begin = 0;

/// What lies under a block of the contracted axes, in one batch.
typedef struct {
  const bt_part *part;
  const char *a, *b;
  char *c;
  bt_run_block runs;
  bt_product_tile shape;
  const bt_panel *panels;
  int64_t panel_count, panel_bytes;  // of a packed panel
  int64_t row_step;                  // of packed rows of A; 1 if they are columns there
} block;

// MARK: packing

static void pack_panels(block *at, int64_t b_k) {
  const bt_part *part = at->part;
  const bt_products *kernels = part->plan->kernels;
  int64_t size = part->plan->size, step = size * 2 * kernels->lanes * at->runs.depth;
  int64_t b_n = bt_inner(&part->columns).b;
  char *to = part->packed_b;
  for (int64_t i = 0; i < at->panel_count; ++i)
    for (int64_t run = 0; run < at->runs.runs; ++run, to += step)
      kernels->pack_b(at->panels[i].width, at->runs.depth,
                      at->b + size * (at->panels[i].b + at->runs.b[run]), b_k, b_n, to);
}

/// Copies the rows of tiles together, in the order they lie in memory.
static void pack_tiles(const block *at, const bt_row_tile *tiles, int64_t count, int64_t a_m,
                       int64_t a_k) {
  int64_t size = at->part->plan->size, depth = at->runs.depth;
  char *to = at->part->packed_a;
  for (int64_t i = 0; i < count; ++i) {
    const char *from = at->a + size * (tiles[i].a + at->runs.a[0]);
    bool across = at->row_step == 1;
    int64_t lines = across ? depth : tiles[i].height, length = across ? tiles[i].height : depth;
    int64_t from_step = across ? a_k : a_m, to_step = across ? length : at->row_step;
    for (int64_t line = 0; line < lines; ++line)
      memcpy(to + size * line * to_step, from + size * line * from_step, (size_t)(size * length));
    to += size * lines * to_step;
  }
}

// MARK: tiles

static void scatter(int64_t size, int64_t height, int64_t width, const char *from, char *to,
                    int64_t row, int64_t column, bool accumulate) {
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j) {
      int64_t source = i * bt_most_width + j, target = i * row + j * column;
      if (size == 4) {
        float value = ((const float *)from)[source], *at = (float *)to + target;
        *at = accumulate ? *at + value : value;
      } else {
        double value = ((const double *)from)[source], *at = (double *)to + target;
        *at = accumulate ? *at + value : value;
      }
    }
}

/// A tile whose columns in c are not neighbours.
static void run_staged(const block *at, const bt_tile_function *functions, int64_t height,
                       const char *a, const char *b, char *c, int64_t width) {
  _Alignas(64) char stage[bt_most_rows * bt_most_width * 8];
  bt_product_tile staged = at->shape;
  staged.c_m = bt_most_width;
  staged.into.accumulate = false;
  functions[height - 1](&staged, a, b, stage, width);
  scatter(at->part->plan->size, height, width, stage, c, at->shape.c_m,
          bt_inner(&at->part->columns).c, at->shape.into.accumulate);
}

/// The tiles of a group under one panel.
static void run_tiles(block *at, const bt_row_tile *tiles, int64_t count, const char *b, char *c,
                      int64_t width) {
  const bt_part *part = at->part;
  const bt_products *kernels = part->plan->kernels;
  int64_t size = part->plan->size, lanes = kernels->lanes;
  const bt_tile_function *functions =
      kernels->tiles + bt_tiles_of_width(width, lanes, kernels->tile_rows);
  const char *packed = part->packed_a;
  for (int64_t i = 0; i < count; ++i) {
    int64_t height = tiles[i].height;
    const char *a = at->a + size * tiles[i].a;
    if (packed) {
      bool across = at->row_step == 1;
      a = packed;
      packed += size * height * (across ? at->runs.depth : at->row_step);
      if (across) at->shape.a_k = height;
    }
    char *to = c + size * tiles[i].c;
    if (part->is_staged) run_staged(at, functions, height, a, b, to, width);
    else functions[height - 1](&at->shape, a, b, to, width);
  }
}

/// The same for rows that lie anywhere, a vector of columns at a time.
static void run_loose_tiles(block *at, bt_loose_tile *tiles, int64_t count, const char *b, char *c,
                            int64_t width) {
  _Alignas(64) char stage[bt_most_rows * bt_most_width * 8];
  static const int64_t stage_rows[bt_most_rows] = {
      0 * bt_most_width, 1 * bt_most_width, 2 * bt_most_width, 3 * bt_most_width,
      4 * bt_most_width, 5 * bt_most_width, 6 * bt_most_width, 7 * bt_most_width,
      8 * bt_most_width, 9 * bt_most_width, 10 * bt_most_width, 11 * bt_most_width,
      12 * bt_most_width, 13 * bt_most_width, 14 * bt_most_width, 15 * bt_most_width};
  const bt_part *part = at->part;
  const bt_products *kernels = part->plan->kernels;
  int64_t size = part->plan->size, lanes = kernels->lanes;
  bt_product_tile shape = at->shape;
  if (part->is_staged) shape.into.accumulate = false;
  for (int64_t i = 0; i < count; ++i) {
    const bt_loose_tile *tile = &tiles[i];
    shape.a_rows = tile->a;
    shape.c_rows = part->is_staged ? stage_rows : tile->c;
    char *to = part->is_staged ? stage : c;
    for (int64_t j = 0; j < width; j += lanes) {
      int64_t here = bt_min(lanes, width - j);
      const bt_tile_function *functions =
          kernels->loose_tiles + (here < lanes) * kernels->tile_rows;
      functions[tile->height - 1](&shape, at->a, b + size * j, to + size * j, here);
    }
    for (int64_t row = 0; part->is_staged && row < tile->height; ++row)
      scatter(size, 1, width, stage + size * row * bt_most_width, c + size * tile->c[row], 0,
              bt_inner(&part->columns).c, at->shape.into.accumulate);
  }
}

// MARK: panels

/// A group of tiles under every panel.
static void run_group(block *at, const bt_row_tile *tiles, bt_loose_tile *loose_tiles,
                      int64_t count) {
  const bt_part *part = at->part;
  bt_contraction_axis column = bt_inner(&part->columns);
  int64_t size = part->plan->size;
  for (int64_t j = 0; j < at->panel_count; ++j) {
    const bt_panel *panel = &at->panels[j];
    const char *b = part->packed_b ? part->packed_b + at->panel_bytes * j
                                   : at->b + size * panel->b;
    int64_t width = part->has_no_room ? 1 : panel->width;
    for (int64_t i = 0; i < panel->width; i += width) {
      const char *from = b + size * i * column.b;
      char *to = at->c + size * (panel->c + i * column.c);
      if (loose_tiles) run_loose_tiles(at, loose_tiles, count, from, to, width);
      else run_tiles(at, tiles, count, from, to, width);
    }
  }
}

/// All rows of the part under one block of the contracted axes.
static void run_block(block *at) {
  const bt_part *part = at->part;
  const bt_prepared *plan = part->plan;
  int64_t whole = 2 * plan->kernels->lanes, rows = plan->kernels->tile_rows;
  bt_contraction_axis run = bt_inner(&plan->contracted), row = bt_inner(&part->rows);
  int64_t packed_runs[bt_most_runs], total = at->runs.depth * at->runs.runs;
  bt_product_tile *shape = &at->shape;
  shape->runs = at->runs.runs, shape->depth = at->runs.depth;
  shape->a_runs = at->runs.a, shape->b_runs = at->runs.b;
  shape->ahead = whole;
  shape->a_m = row.a, shape->a_k = run.a, shape->b_k = run.b, shape->c_m = row.c;
  at->panel_bytes = plan->size * whole * total;
  if (part->packed_b) {
    pack_panels(at, run.b);
    for (int64_t i = 0; i < at->runs.runs; ++i) packed_runs[i] = i * at->runs.depth * whole;
    shape->b_runs = packed_runs;
    shape->b_k = whole;
  }
  if (plan->loose) {
    bt_loose_tile tiles[loose_group_tiles];
    for (int64_t first = part->tile_begin, count; first < part->tile_end; first += count) {
      count = bt_min(loose_group_tiles, part->tile_end - first);
      bt_fill_loose_tiles(tiles, part, first, count);
      run_group(at, NULL, tiles, count);
    }
    return;
  }
  if (part->packed_a) {
    at->row_step = run.a == 1 ? total + pack_gap : 1;
    shape->a_runs = &run_at_begin;
    shape->a_m = at->row_step, shape->a_k = 1;
  }
  bt_row_tile tiles[group_tiles];
  int64_t most = bt_min(group_tiles, bt_max(1, group_elements / bt_max(1, rows * total)));
  for (int64_t first = part->tile_begin, count; first < part->tile_end; first += count) {
    count = bt_min(most, part->tile_end - first);
    bt_fill_tiles(tiles, part, first, count);
    if (part->packed_a) pack_tiles(at, tiles, count, row.a, run.a);
    run_group(at, tiles, NULL, count);
  }
}

// MARK: all of it

/// Every block of the contracted axes; one, of no runs, if there is nothing to sum.
static void run_blocks(block *at) {
  const bt_part *part = at->part;
  int64_t length = part->depth_end - part->depth_begin, deepest = part->plan->depth;
  int64_t most = bt_min(bt_most_runs, bt_max(1, deepest / bt_max(length, 1)));
  at->shape.into = part->plan->into;
  int64_t run = part->run_begin, from = part->depth_begin;
  do {
    // Blocks as even as they can be, of runs or of pieces of one run.
    int64_t left = part->run_end - run, rest = part->depth_end - from;
    int64_t runs = left > most ? bt_ceil_divide(left, bt_ceil_divide(left, most)) : left;
    int64_t depth = rest > deepest ? bt_ceil_divide(rest, bt_ceil_divide(rest, deepest)) : rest;
    bt_fill_runs(&at->runs, part, run, runs, from, depth);
    run_block(at);
    at->shape.into.accumulate = true;
    from += depth;
    if (from == part->depth_end) run += runs, from = part->depth_begin;
  } while (run < part->run_end);
}

void bt_run_contraction_tiles(bt_part *part) {
  const bt_prepared *plan = part->plan;
  int64_t size = plan->size, whole = 2 * plan->kernels->lanes, rows = plan->kernels->tile_rows;
  int64_t most_panels = bt_min(group_panels, pack_columns / whole);
  int64_t here = bt_min(most_panels, part->panel_end - part->panel_begin);
  int64_t a_bytes = 0, b_bytes = plan->pack_b ? size * here * whole * plan->depth : 0;
  if (plan->pack_a) {
    // A group has group_elements, or is one tile if that has more; and a gap behind every row.
    a_bytes = size * (group_elements + rows * (plan->depth + group_tiles * pack_gap));
    a_bytes = (a_bytes + 63) / 64 * 64;
  }
  size_t bytes = (size_t)(a_bytes + b_bytes);
  char *memory = bytes ? bt_scratch(bt_scratch_contraction, bytes) : NULL;
  part->packed_a = memory && plan->pack_a ? memory : NULL;
  part->packed_b = memory && plan->pack_b ? memory + a_bytes : NULL;
  part->has_no_room = !part->packed_b && bt_inner(&part->columns).b != 1;
  part->is_staged = bt_inner(&part->columns).c != 1 && !part->has_no_room;
  bt_panel panels[group_panels];
  block at = {.part = part, .panels = panels};
  bt_walk_axes batch;
  bt_walk_to(&batch, &plan->batch, plan->batch.rank, part->batch_begin);
  for (int64_t i = part->batch_begin; i < part->batch_end; ++i, bt_walk_on(&batch)) {
    at.a = part->a + size * batch.a;
    at.b = part->b + size * batch.b;
    at.c = part->c + size * batch.c;
    for (int64_t first = part->panel_begin; first < part->panel_end; first += at.panel_count) {
      at.panel_count = bt_min(most_panels, part->panel_end - first);
      bt_fill_panels(panels, part, first, at.panel_count);
      run_blocks(&at);
    }
  }
}
