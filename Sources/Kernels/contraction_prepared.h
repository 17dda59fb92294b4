#ifndef BACKTAPE_KERNELS_CONTRACTION_PREPARED_H
#define BACKTAPE_KERNELS_CONTRACTION_PREPARED_H

// What bt_prepare_contraction works out and bt_run_contraction reads.

#include "contraction_axes.h"
#include "instruction_set.h"

typedef enum : uint8_t {
  bt_kind_none,      // c is empty
  bt_kind_block,     // one run, one block of rows and columns, all in place
  bt_kind_small,     // the same with few columns to pack on the stack
  bt_kind_dots,      // vectors along a run
  bt_kind_wide_row,  // one row
  bt_kind_tiles,     // any axes
} bt_contraction_kind;

/// The groups of axes; rows and columns as they are after turning.
typedef enum : uint8_t { bt_group_batch, bt_group_rows, bt_group_columns, bt_group_none } bt_group;

enum {
  bt_stack_pack = 256,       // elements of B packed on the stack,
  bt_stack_pack_depth = 32,  // and how deep they may be
};

typedef struct {
  const bt_products *kernels;
  bt_into into;
  int64_t size;  // of an element
  bt_contraction_kind kind;
  bool turned;   // rows and columns, a and b have changed places
  bool loose;    // blocks of few rows: tiles across them
  bool pack_a, pack_b;
  bt_cut cut;
  bt_group leading;  // where the leading axis is
  int32_t leading_axis;
  int64_t depth;     // of a block along the contracted axes, at most
  bt_axes batch, rows, columns, contracted;
  /// For a product that is one tile: what runs it, else null, and on what.
  bt_tile_function tile;
  bt_product_tile shape;
  int64_t width;
} bt_prepared;

_Static_assert(sizeof(bt_prepared) <= sizeof(((bt_contraction *)0)->prepared.internal),
               "internal must hold what is prepared");

static inline const bt_prepared *bt_prepared_of(const bt_contraction *contraction) {
  return (const bt_prepared *)contraction->prepared.internal;
}

static inline const bt_products *bt_products_of(const bt_set *set, int64_t size) {
  return size == 8 ? &set->products64 : &set->products32;
}

/// Tiles that the kernels take rows in.
static inline int64_t bt_tile_count(const bt_prepared *plan, const bt_axes *rows) {
  int64_t height = plan->kernels->tile_rows, extent = bt_extent(rows);
  int64_t inner = bt_inner(rows).extent;
  if (plan->loose) return bt_ceil_divide(extent, height);
  return inner ? extent / inner * bt_ceil_divide(inner, height) : 0;
}

/// Panels that they take columns in.
static inline int64_t bt_panel_count(const bt_prepared *plan, const bt_axes *columns) {
  int64_t width = 2 * plan->kernels->lanes, inner = bt_inner(columns).extent;
  return inner ? bt_extent(columns) / inner * bt_ceil_divide(inner, width) : 0;
}

/// Where tile `index` of so many begins. They are as even as they can be: short ones waste most.
static inline int64_t bt_tile_begin(int64_t extent, int64_t tiles, int64_t index) {
  int64_t low = extent / tiles;
  return index * low + bt_min(index, extent - low * tiles);
}

#endif
