#include "contraction_part.h"

void bt_fill_runs(bt_run_block *block, const bt_part *p, int64_t at, int64_t most, int64_t from,
                  int64_t depth) {
  block->depth = depth;
  block->runs = bt_min(most, p->run_end - at);
  if (block->runs == 0) return;
  const bt_axes *axes = &p->plan->contracted;
  bt_contraction_axis inner = bt_inner(axes);
  int64_t per_term = bt_outer_extent(axes);
  int64_t term = at / per_term, within = at - term * per_term;
  bt_walk_axes place;
  bt_walk_to(&place, axes, bt_outer_rank(axes), within);
  for (int64_t i = 0; i < block->runs; ++i) {
    block->a[i] = place.a + from * inner.a + (p->a_terms ? p->a_terms[term] : 0);
    block->b[i] = place.b + from * inner.b + (p->b_terms ? p->b_terms[term] : 0);
    if (++within == per_term) within = 0, ++term;
    bt_walk_on(&place);
  }
}

void bt_fill_tiles(bt_row_tile *tiles, const bt_part *p, int64_t first, int64_t count) {
  int64_t extent = bt_inner(&p->rows).extent, most = p->plan->kernels->tile_rows;
  int64_t per_block = bt_ceil_divide(extent, most);
  bt_contraction_axis inner = bt_inner(&p->rows);
  int64_t outer = first / per_block, at = first - outer * per_block;
  bt_walk_axes place;
  bt_walk_to(&place, &p->rows, bt_outer_rank(&p->rows), outer);
  for (int64_t i = 0; i < count; ++i) {
    int64_t row = bt_tile_begin(extent, per_block, at);
    tiles[i].a = place.a + row * inner.a;
    tiles[i].c = place.c + row * inner.c;
    tiles[i].height = bt_tile_begin(extent, per_block, at + 1) - row;
    if (++at == per_block) at = 0, bt_walk_on(&place);
  }
}

void bt_fill_loose_tiles(bt_loose_tile *tiles, const bt_part *p, int64_t first, int64_t count) {
  int64_t extent = bt_extent(&p->rows);
  int64_t total = bt_ceil_divide(extent, p->plan->kernels->tile_rows);
  int64_t begin = bt_tile_begin(extent, total, first);
  bt_walk_axes place;
  bt_walk_to(&place, &p->rows, p->rows.rank, begin);
  for (int64_t i = 0; i < count; ++i) {
    int64_t end = bt_tile_begin(extent, total, first + i + 1);
    tiles[i].height = end - begin;
    begin = end;
    for (int64_t row = 0; row < tiles[i].height; ++row) {
      tiles[i].a[row] = place.a;
      tiles[i].c[row] = place.c;
      bt_walk_on(&place);
    }
  }
}

void bt_fill_panels(bt_panel *panels, const bt_part *p, int64_t first, int64_t count) {
  bt_contraction_axis inner = bt_inner(&p->columns);
  int64_t width = 2 * p->plan->kernels->lanes, per_block = bt_ceil_divide(inner.extent, width);
  int64_t outer = first / per_block, at = first - outer * per_block;
  bt_walk_axes place;
  bt_walk_to(&place, &p->columns, bt_outer_rank(&p->columns), outer);
  for (int64_t i = 0; i < count; ++i) {
    int64_t column = at * width;
    panels[i].b = place.b + column * inner.b;
    panels[i].c = place.c + column * inner.c;
    panels[i].width = bt_min(width, inner.extent - column);
    if (++at == per_block) at = 0, bt_walk_on(&place);
  }
}
