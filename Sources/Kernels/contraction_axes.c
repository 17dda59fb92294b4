#include "contraction_axes.h"

static bool follows(const bt_contraction_axis *outer, const bt_contraction_axis *inner) {
  return outer->a == inner->a * inner->extent && outer->b == inner->b * inner->extent &&
         outer->c == inner->c * inner->extent;
}

void bt_merge_axes(bt_axes *axes, int32_t fixed) {
  int32_t rank = fixed;
  for (int32_t i = fixed; i < axes->rank; ++i)
    if (axes->axes[i].extent != 1) axes->axes[rank++] = axes->axes[i];
  for (int32_t outer = fixed; outer < rank; ++outer)
    for (int32_t inner = fixed; inner < rank; ++inner) {
      if (inner == outer || !follows(&axes->axes[outer], &axes->axes[inner])) continue;
      axes->axes[inner].extent *= axes->axes[outer].extent;
      for (int32_t i = outer + 1; i < rank; ++i) axes->axes[i - 1] = axes->axes[i];
      --rank;
      outer = fixed - 1;  // from the start: the merged axis may merge again
      break;
    }
  axes->rank = rank;
}

void bt_turn_axes(bt_axes *axes) {
  for (int32_t i = 0; i < axes->rank; ++i) {
    int64_t a = axes->axes[i].a;
    axes->axes[i].a = axes->axes[i].b, axes->axes[i].b = a;
  }
}

void bt_walk_to(bt_walk_axes *at, const bt_axes *axes, int32_t rank, int64_t index) {
  at->axes = axes;
  at->rank = rank;
  at->a = at->b = at->c = 0;
  for (int32_t i = rank - 1; i >= 0; --i) {
    const bt_contraction_axis *axis = &axes->axes[i];
    int64_t position = 0;
    if (index) position = index % axis->extent, index /= axis->extent;
    at->position[i] = position;
    at->a += position * axis->a, at->b += position * axis->b, at->c += position * axis->c;
  }
}
