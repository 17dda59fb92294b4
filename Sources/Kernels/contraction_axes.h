#ifndef BACKTAPE_KERNELS_CONTRACTION_AXES_H
#define BACKTAPE_KERNELS_CONTRACTION_AXES_H

// A group of axes of a contraction, and the way through their positions.

#include "internal.h"

typedef struct {
  int32_t rank;
  /// Axes that do not merge; the last is walked by tiles, panels or runs.
  bt_contraction_axis axes[BT_MAX_RANK];
} bt_axes;

static inline void bt_copy_axes(bt_axes *to, const bt_contraction_axis *axes, int32_t rank) {
  to->rank = rank;
  for (int32_t i = 0; i < rank; ++i) to->axes[i] = axes[i];
}

static inline int64_t bt_extent(const bt_axes *axes) {
  int64_t extent = 1;
  for (int32_t i = 0; i < axes->rank; ++i) extent *= axes->axes[i].extent;
  return extent;
}

/// The last axis, or one of extent 1.
static inline bt_contraction_axis bt_inner(const bt_axes *axes) {
  return axes->rank ? axes->axes[axes->rank - 1] : (bt_contraction_axis){1, 0, 0, 0};
}

/// Drops axes of extent 1 and merges those whose steps follow from each other; the first `fixed`
/// stay as they are.
void bt_merge_axes(bt_axes *axes, int32_t fixed);

/// Lets a and b change places.
void bt_turn_axes(bt_axes *axes);

/// A position that moves through the first axes of a group, the last of them fastest.
typedef struct {
  const bt_axes *axes;
  int32_t rank;
  int64_t position[BT_MAX_RANK];
  int64_t a, b, c;
} bt_walk_axes;

void bt_walk_to(bt_walk_axes *walk, const bt_axes *axes, int32_t rank, int64_t index);

static inline void bt_walk_on(bt_walk_axes *walk) {
  for (int32_t i = walk->rank - 1; i >= 0; --i) {
    const bt_contraction_axis *axis = &walk->axes->axes[i];
    walk->a += axis->a, walk->b += axis->b, walk->c += axis->c;
    if (++walk->position[i] < axis->extent) return;
    walk->position[i] = 0;
    walk->a -= axis->a * axis->extent, walk->b -= axis->b * axis->extent;
    walk->c -= axis->c * axis->extent;
  }
}

static inline int32_t bt_outer_rank(const bt_axes *axes) { return axes->rank ? axes->rank - 1 : 0; }

/// Positions of all axes but the last.
static inline int64_t bt_outer_extent(const bt_axes *axes) {
  int64_t extent = 1;
  for (int32_t i = 0; i < bt_outer_rank(axes); ++i) extent *= axes->axes[i].extent;
  return extent;
}

#endif
