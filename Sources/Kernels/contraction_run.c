#include "contraction_part.h"
#include "contraction_tiles.h"

// The part of a contraction that begin..<end names, on the kernel that was chosen.

static void restrict_axis(bt_axes *axes, int32_t index, int64_t begin, int64_t end, bt_part *part) {
  bt_contraction_axis *axis = &axes->axes[index];
  int64_t size = part->plan->size;
  axis->extent = end - begin;
  part->a += size * begin * axis->a;
  part->b += size * begin * axis->b;
  part->c += size * begin * axis->c;
}

/// Where tile `index` of the only row axis begins.
static int64_t first_row(const bt_part *part, int64_t index) {
  int64_t extent = bt_inner(&part->rows).extent;
  return bt_tile_begin(extent, bt_ceil_divide(extent, part->plan->kernels->tile_rows), index);
}

/// c[m, n] (+)= a[m, k] . b[k, n] on a kernel for one axis of each group.
static void run_kernel(const bt_prepared *plan, int64_t m, int64_t n, int64_t k, const char *a,
                       const char *b, char *c, bt_into into) {
  const bt_products *kernels = plan->kernels;
  bt_contraction_axis row = bt_inner(&plan->rows), column = bt_inner(&plan->columns);
  bt_contraction_axis run = bt_inner(&plan->contracted);
  int64_t panel = 2 * kernels->lanes;
  switch (plan->kind) {
    case bt_kind_block:
      kernels->block(m, n, k, a, row.a, run.a, b, run.b, panel, c, row.c, into);
      break;
    case bt_kind_small: {
      // A panel is bt_most_width wide at most.
      _Alignas(64) char packed[(bt_stack_pack + bt_stack_pack_depth * bt_most_width) * 8];
      kernels->pack_b(n, k, b, run.b, column.b, packed);
      kernels->block(m, n, k, a, row.a, run.a, packed, panel, panel * k, c, row.c, into);
      break;
    }
    case bt_kind_dots:
      kernels->dots(m, n, k, a, row.a, b, column.b, c, row.c, into);
      break;
    case bt_kind_wide_row:
      kernels->wide_row(n, k, a, run.a, b, run.b, c, into);
      break;
    case bt_kind_none:
    case bt_kind_tiles: break;
  }
}

/// The same in every batch of the part.
static void run_simple(const bt_part *part) {
  const bt_prepared *plan = part->plan;
  int64_t size = plan->size, panel = 2 * plan->kernels->lanes;
  bt_contraction_axis row = bt_inner(&part->rows), column = bt_inner(&part->columns);
  bt_contraction_axis run = bt_inner(&plan->contracted);
  int64_t first = first_row(part, part->tile_begin), from = part->panel_begin * panel;
  int64_t m = first_row(part, part->tile_end) - first;
  int64_t n = bt_min(part->panel_end * panel, column.extent) - from;
  int64_t k = part->depth_end - part->depth_begin;
  const char *a = part->a + size * (first * row.a + part->depth_begin * run.a);
  const char *b = part->b + size * (from * column.b + part->depth_begin * run.b);
  char *c = part->c + size * (first * row.c + from * column.c);
  bt_walk_axes batch;
  bt_walk_to(&batch, &plan->batch, plan->batch.rank, part->batch_begin);
  for (int64_t i = part->batch_begin; i < part->batch_end; ++i, bt_walk_on(&batch))
    run_kernel(plan, m, n, k, a + size * batch.a, b + size * batch.b, c + size * batch.c,
               plan->into);
}

/// A part, or what is no kernel's work alone.
static __attribute__((noinline)) void run_part(const bt_contraction *contraction, int64_t begin,
                                               int64_t end, int64_t chunk) {
  const bt_prepared *plan = bt_prepared_of(contraction);
  bool turned = plan->turned;
  bt_part part;
  part.plan = plan;
  part.a = turned ? contraction->b : contraction->a;
  part.b = turned ? contraction->a : contraction->b;
  part.c = contraction->c;
  bt_copy_axes(&part.rows, plan->rows.axes, plan->rows.rank);
  bt_copy_axes(&part.columns, plan->columns.axes, plan->columns.rank);
  part.batch_begin = 0, part.batch_end = bt_extent(&plan->batch);
  part.depth_begin = 0, part.depth_end = bt_inner(&plan->contracted).extent;
  part.term_count = contraction->term_count;
  part.a_terms = turned ? contraction->b_terms : contraction->a_terms;
  part.b_terms = turned ? contraction->a_terms : contraction->b_terms;
  if (part.term_count == 1) {
    if (part.a_terms) part.a += plan->size * part.a_terms[0], part.a_terms = NULL;
    if (part.b_terms) part.b += plan->size * part.b_terms[0], part.b_terms = NULL;
  }
  int64_t runs = part.term_count * bt_outer_extent(&plan->contracted);
  part.run_begin = 0, part.run_end = runs;
  if (plan->cut == bt_cut_leading) {
    if (plan->leading == bt_group_batch) {
      int64_t rest = part.batch_end / plan->batch.axes[0].extent;
      part.batch_begin = begin * rest, part.batch_end = end * rest;
    }
    if (plan->leading == bt_group_rows)
      restrict_axis(&part.rows, plan->leading_axis, begin, end, &part);
    if (plan->leading == bt_group_columns)
      restrict_axis(&part.columns, plan->leading_axis, begin, end, &part);
  }
  part.tile_begin = 0, part.tile_end = bt_tile_count(plan, &part.rows);
  part.panel_begin = 0, part.panel_end = bt_panel_count(plan, &part.columns);
  switch (plan->cut) {
    case bt_cut_best:
    case bt_cut_leading: break;
    case bt_cut_rows: part.tile_begin = begin, part.tile_end = end; break;
    case bt_cut_columns: part.panel_begin = begin, part.panel_end = end; break;
    case bt_cut_batch: part.batch_begin = begin, part.batch_end = end; break;
    case bt_cut_contracted:
      // With nothing to sum, the only part is zeros.
      if (runs > 1 && part.depth_end) {
        part.run_begin = begin, part.run_end = end;
      } else if (runs == 1 && part.depth_end) {
        part.depth_begin = begin, part.depth_end = end;
      }
      part.c += plan->size * chunk * contraction->c_part;
      break;
  }
  if (plan->kind == bt_kind_tiles) bt_run_contraction_tiles(&part);
  else run_simple(&part);
}

void bt_run_contraction(const void *body, int64_t begin, int64_t end, int64_t chunk) {
  const bt_contraction *contraction = body;
  const bt_prepared *plan = bt_prepared_of(contraction);
  if (plan->kind == bt_kind_none || begin >= end) return;
  const char *a = plan->turned ? contraction->b : contraction->a;
  const char *b = plan->turned ? contraction->a : contraction->b;
  bool whole = begin == 0 && end == contraction->prepared.extent && chunk == 0 &&
               !contraction->a_terms && !contraction->b_terms;
  if (whole && plan->tile) {
    plan->tile(&plan->shape, a, b, contraction->c, plan->width);
  } else if (whole && plan->kind != bt_kind_tiles && plan->batch.rank == 0) {
    run_kernel(plan, bt_inner(&plan->rows).extent, bt_inner(&plan->columns).extent,
               bt_inner(&plan->contracted).extent, a, b, contraction->c, plan->into);
  } else {
    run_part(contraction, begin, end, chunk);
  }
}
