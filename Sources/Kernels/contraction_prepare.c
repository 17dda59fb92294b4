#include "contraction_prepared.h"

// Merges axes, chooses the kernel and the cut. All by shapes and steps alone, and nothing that
// decides the bits of a result by the cut.

enum {
  depth = 384,           // of a block: a panel of B stays in the nearest caches
  small_product = 2048,  // multiplications; about a tenth of a microsecond
  plain_product = 1 << 17,  // less than a part of its own
  most_chunks = 64,
  most_sums = 8,         // parts of a contracted cut
  most_row_sums = 4,     // of one row: each is as long as the result
  row_block = 64,        // runs a kernel of one row adds up before it touches the result
};

/// Multiplications and additions worth a part of their own.
static const double chunk_flops = 1e6;
/// And bytes: where every element is used once, reading is what takes the time.
static const double chunk_bytes = 192 << 10;

// MARK: axes

static int64_t magnitude(int64_t step) { return step < 0 ? -step : step; }

/// Of columns: neighbours in c and b before anything else, then the longest.
static double column_rank(const bt_contraction_axis *axis) {
  return (axis->c == 1 ? 4e18 : 0) + (axis->b == 1 ? 2e18 : 0) + (double)axis->extent;
}

/// Of rows and runs: what lies near, if it is not too short to be worth a loop.
static double line_rank(const bt_contraction_axis *axis) {
  double nearness = 1 / (1.0 + (double)magnitude(axis->a) + (double)magnitude(axis->b));
  return axis->extent >= 8 ? 8 + nearness : (double)axis->extent - 1 + nearness;
}

/// Puts the best axis last; answers where the axis `followed` is then.
static int32_t choose_inner(bt_axes *axes, double (*rank)(const bt_contraction_axis *),
                            int32_t followed) {
  int32_t last = axes->rank - 1, best = last;
  for (int32_t i = 0; i < last; ++i)
    if (rank(&axes->axes[i]) > rank(&axes->axes[best])) best = i;
  if (best == last || last < 0) return followed;
  bt_contraction_axis axis = axes->axes[best];
  for (int32_t i = best; i < last; ++i) axes->axes[i] = axes->axes[i + 1];
  axes->axes[last] = axis;
  return followed == best ? last : followed > best ? followed - 1 : followed;
}

static bool has_unit_step_in_c(const bt_axes *axes) {
  for (int32_t i = 0; i < axes->rank; ++i)
    if (axes->axes[i].c == 1) return true;
  return false;
}

// MARK: the kernel

/// The kernels that know one row, column and contracted axis only, where they are best.
static bt_contraction_kind choose_simple(const bt_prepared *plan, int64_t m, int64_t n, int64_t k) {
  bt_contraction_axis column = bt_inner(&plan->columns), run = bt_inner(&plan->contracted);
  if (plan->rows.rank > 1 || plan->columns.rank > 1 || plan->contracted.rank > 1) {
    return bt_kind_tiles;
  }
  if (n > 1 && column.c != 1) return bt_kind_tiles;
  bool in_place = column.b == 1 || n == 1;
  if (m * n * k <= small_product && n > 1) {
    if (in_place) return bt_kind_block;
    if (n * k <= bt_stack_pack && k <= bt_stack_pack_depth) return bt_kind_small;
  }
  bool lines = run.a == 1 && run.b == 1 && (column.b != 1 || n == 1);
  if (lines && k > 1 && (n < 16 || m < 16)) return bt_kind_dots;
  if (in_place && m == 1) return bt_kind_wide_row;
  return bt_kind_tiles;
}

/// Those for the vectors of a small product.
static void choose_kernels(bt_prepared *plan, int64_t m, int64_t n, int64_t k) {
  if (m * n * k > small_product) return;
  int64_t length = plan->kind == bt_kind_dots ? k : n;
  plan->kernels = bt_products_of(bt_set_for(length * plan->size), plan->size);
}

/// Whether panels of B are copied together, be their rows whole: where lines of one vector pair lie
/// at such distances that they share few sets of the caches, and are read often.
static bool shares_sets(const bt_prepared *plan, int64_t m) {
  int64_t line = 64, distance = bt_inner(&plan->contracted).b * plan->size;
  return 2 * plan->kernels->lanes * plan->size <= line && distance != 0 &&
         distance % (32 * line) == 0 && m >= 4 * plan->kernels->tile_rows;
}

/// Whether the rows are better read as columns.
static bool should_turn(const bt_prepared *plan, int64_t m, int64_t n, int64_t terms) {
  if (n == 1) {
    bt_contraction_axis run = bt_inner(&plan->contracted);
    bool lines = plan->contracted.rank == 1 && plan->rows.rank <= 1 && terms == 1 && run.a == 1 &&
                 run.b == 1;
    return m > 1 && !lines;
  }
  return m > 1 && !has_unit_step_in_c(&plan->columns) && has_unit_step_in_c(&plan->rows);
}

static void choose_tiles(bt_prepared *plan, int64_t m, int64_t n, int64_t k, int64_t terms) {
  int64_t rows = plan->kernels->tile_rows, size = plan->size;
  bool in_place = bt_inner(&plan->columns).b == 1 || n == 1;
  plan->pack_b = !in_place || (n > 1 && shares_sets(plan, m));
  bool single = plan->contracted.rank <= 1 && terms == 1;
  bool lies_in_lines = bt_inner(&plan->contracted).a == 1 || bt_inner(&plan->rows).a == 1;
  plan->pack_a = single && lies_in_lines && m * k * size > 512 << 10 && n >= 512;
  int64_t height = bt_inner(&plan->rows).extent;
  plan->loose = plan->rows.rank > 1 && height < rows && 2 * height <= bt_min(rows, m);
  if (plan->loose) plan->pack_a = false;
  bool plain = plan->rows.rank <= 1 && plan->columns.rank <= 1 && single;
  if (plain && in_place && (n == 1 || bt_inner(&plan->columns).c == 1) && k > 0 && k <= depth &&
      !plan->pack_a && !plan->pack_b)
    plan->kind = bt_kind_block;
}

// MARK: the cut

static void choose_cut(bt_contraction *contraction, bt_prepared *plan, int64_t m, int64_t n,
                       int64_t k, int64_t batch) {
  int64_t tiles = bt_tile_count(plan, &plan->rows), panels = bt_panel_count(plan, &plan->columns);
  int64_t terms = contraction->term_count, depths = bt_inner(&plan->contracted).extent;
  int64_t runs = terms * k / bt_max(depths, 1);
  double flops = 2.0 * (double)batch * (double)m * (double)n * (double)k * (double)terms;

  bt_cut cut = contraction->cut;
  if (cut == bt_cut_best) {
    bool few = batch * tiles * panels < 2 * 8 && flops > 4 * chunk_flops && k * terms >= 16 * n;
    // Rows of B are read whole: halves of them would leave half of a cache's sets unused.
    bool reads_rows = plan->kind == bt_kind_wide_row && batch == 1 && k >= 4 * row_block;
    if (contraction->c_part && (few || reads_rows)) cut = bt_cut_contracted;
    else if (batch >= 8) cut = bt_cut_batch;
    else if (plan->pack_b ? panels >= 4 : panels > tiles) cut = bt_cut_columns;
    else cut = tiles > 1 || batch == 1 ? bt_cut_rows : bt_cut_batch;
  }
  int64_t extent = 1, most = most_chunks;
  double bytes = (double)(plan->size * batch * terms) *
                 ((double)m * (double)k + (double)k * (double)n + (double)m * (double)n);
  double chunks = flops / chunk_flops > bytes / chunk_bytes ? flops / chunk_flops
                                                            : bytes / chunk_bytes;
  switch (cut) {
    case bt_cut_leading:
      if (plan->leading == bt_group_batch) extent = plan->batch.axes[plan->leading_axis].extent;
      if (plan->leading == bt_group_rows) extent = plan->rows.axes[plan->leading_axis].extent;
      if (plan->leading == bt_group_columns)
        extent = plan->columns.axes[plan->leading_axis].extent;
      break;
    case bt_cut_best:
    case bt_cut_rows:
      extent = tiles;
      // Every part packs B for itself.
      if (plan->pack_b) most = bt_min(most, bt_max(1, m / 128));
      break;
    case bt_cut_columns:
      extent = panels;
      if (plan->pack_a) most = bt_min(most, bt_max(1, n / 256));
      break;
    case bt_cut_batch: extent = batch; break;
    case bt_cut_contracted:
      extent = bt_max(1, runs > 1 && depths ? runs : depths);
      most = plan->kind == bt_kind_wide_row ? most_row_sums : most_sums;
      break;
  }
  contraction->cut = plan->cut = cut;
  contraction->prepared.extent = extent;
  most = bt_min(most, extent);
  contraction->prepared.chunks = chunks < (double)most ? bt_max(1, (int64_t)chunks) : most;
}

// MARK: all of it

/// Whether nothing here is worth a second look: a few multiplications along one axis of each group.
/// Then that is all prepared.
static bool prepare_small(bt_contraction *contraction, bt_prepared *plan, int64_t terms) {
  if (plan->rows.rank > 1 || plan->columns.rank > 1 || plan->contracted.rank > 1 ||
      plan->batch.rank > 0 || terms != 1 || contraction->cut > bt_cut_leading)
    return false;
  bt_contraction_axis row = bt_inner(&plan->rows), column = bt_inner(&plan->columns);
  bt_contraction_axis run = bt_inner(&plan->contracted);
  int64_t m = row.extent, n = column.extent, k = run.extent;
  if (m == 0 || n == 0 || k == 0 || m * n * k > plain_product) return false;
  if (n == 1) {
    if (run.a != 1 || run.b != 1) return false;
    plan->kind = bt_kind_dots;
  } else {
    if (column.c != 1 || k > depth || (m == 1 && n * k > small_product)) return false;
    if (column.b == 1) plan->kind = bt_kind_block;
    else if (n * k <= bt_stack_pack && k <= bt_stack_pack_depth) plan->kind = bt_kind_small;
    else return false;
  }
  choose_kernels(plan, m, n, k);
  int64_t height = plan->kernels->tile_rows;
  if (contraction->cut == bt_cut_best) contraction->cut = bt_cut_rows;
  plan->cut = contraction->cut;
  contraction->prepared.extent = plan->cut == bt_cut_rows           ? bt_ceil_divide(m, height)
                                 : plan->leading == bt_group_rows    ? m
                                 : plan->leading == bt_group_columns ? n
                                                                     : 1;
  contraction->prepared.chunks = 1;
  return true;
}

static void prepare(bt_contraction *contraction, bt_prepared *plan) {
  bool wide = contraction->dtype == bt_float64;
  plan->size = wide ? 8 : 4;
  plan->into = (bt_into){contraction->scale, contraction->accumulate};
  plan->kernels = bt_products_of(bt_current_set(), plan->size);
  plan->turned = plan->loose = plan->pack_a = plan->pack_b = false;
  plan->leading = bt_group_none;
  plan->leading_axis = 0;
  plan->depth = depth;
  bt_copy_axes(&plan->batch, contraction->batch, contraction->batch_rank);
  bt_copy_axes(&plan->rows, contraction->rows, contraction->row_rank);
  bt_copy_axes(&plan->columns, contraction->columns, contraction->column_rank);
  bt_copy_axes(&plan->contracted, contraction->contracted, contraction->contracted_rank);
  if (contraction->cut == bt_cut_leading)
    plan->leading = contraction->batch_rank    ? bt_group_batch
                    : contraction->row_rank    ? bt_group_rows
                    : contraction->column_rank ? bt_group_columns
                                               : bt_group_none;
  if (prepare_small(contraction, plan, contraction->term_count)) return;
  int64_t batch = bt_extent(&plan->batch), m = bt_extent(&plan->rows);
  int64_t n = bt_extent(&plan->columns), k = bt_extent(&plan->contracted);
  int64_t terms = contraction->term_count;
  int32_t fixed[3] = {0};
  if (plan->leading != bt_group_none) fixed[plan->leading] = 1;
  if (batch * m * n == 0) {
    plan->kind = bt_kind_none;
    plan->cut = contraction->cut = contraction->cut == bt_cut_best ? bt_cut_rows : contraction->cut;
    bt_group group = plan->leading;
    contraction->prepared.extent = group == bt_group_batch  ? plan->batch.axes[0].extent
                                   : group == bt_group_rows ? plan->rows.axes[0].extent
                                                            : 0;
    contraction->prepared.chunks = 0;
    return;
  }
  bt_merge_axes(&plan->batch, fixed[bt_group_batch]);
  bt_merge_axes(&plan->rows, fixed[bt_group_rows]);
  bt_merge_axes(&plan->columns, fixed[bt_group_columns]);
  bt_merge_axes(&plan->contracted, 0);
  if (should_turn(plan, m, n, terms)) {
    plan->turned = true;
    bt_turn_axes(&plan->batch);
    bt_turn_axes(&plan->contracted);
    bt_axes rows = plan->rows;
    plan->rows = plan->columns;
    plan->columns = rows;
    bt_turn_axes(&plan->rows);
    bt_turn_axes(&plan->columns);
    int64_t rows_before = m;
    m = n, n = rows_before;
    if (plan->leading == bt_group_rows) plan->leading = bt_group_columns;
    else if (plan->leading == bt_group_columns) plan->leading = bt_group_rows;
  }
  int32_t row = choose_inner(&plan->rows, line_rank, 0);
  int32_t column = choose_inner(&plan->columns, column_rank, 0);
  if (plan->leading == bt_group_rows) plan->leading_axis = row;
  if (plan->leading == bt_group_columns) plan->leading_axis = column;
  choose_inner(&plan->contracted, line_rank, 0);
  plan->kind = terms == 1 && k > 0 ? choose_simple(plan, m, n, k) : bt_kind_tiles;
  choose_kernels(plan, m, n, k);
  if (plan->kind == bt_kind_tiles) choose_tiles(plan, m, n, k, terms);
  choose_cut(contraction, plan, m, n, k, batch);
}

/// Readies a product that is one tile.
static void prepare_tile(bt_prepared *plan) {
  static const int64_t begin = 0;
  bt_contraction_axis row = bt_inner(&plan->rows), column = bt_inner(&plan->columns);
  bt_contraction_axis run = bt_inner(&plan->contracted);
  int64_t rows = plan->kernels->tile_rows, lanes = plan->kernels->lanes, width = column.extent;
  plan->tile = NULL;
  if (plan->kind != bt_kind_block || plan->batch.rank > 0 || plan->cut == bt_cut_contracted ||
      row.extent > rows || width > 2 * lanes)
    return;
  plan->tile = plan->kernels->tiles[bt_tiles_of_width(width, lanes, rows) + row.extent - 1];
  plan->width = width;
  plan->shape = (bt_product_tile){
      .runs = 1, .depth = run.extent, .a_runs = &begin, .b_runs = &begin, .a_m = row.a,
      .a_k = run.a, .b_k = run.b, .c_m = row.c, .into = plan->into};
}

void bt_prepare_contraction(bt_contraction *contraction) {
  bt_prepared *plan = (bt_prepared *)contraction->prepared.internal;
  prepare(contraction, plan);
  prepare_tile(plan);
}
