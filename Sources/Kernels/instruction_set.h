#ifndef BACKTAPE_KERNELS_INSTRUCTION_SET_H
#define BACKTAPE_KERNELS_INSTRUCTION_SET_H

// Which instruction set is in use.

#include "inner_loops.h"

/// The set in use; null until it is first asked for.
extern _Atomic(const bt_set *) bt_chosen_set;
const bt_set *bt_choose_set(void);

/// The set in use.
static inline const bt_set *bt_current_set(void) {
  const bt_set *set = atomic_load_explicit(&bt_chosen_set, memory_order_relaxed);
  return __builtin_expect(!set, 0) ? bt_choose_set() : set;
}

/// The set for lines of so many bytes: what fills half a vector is better a whole one, since parts
/// of vectors are slow to store and to load again.
static inline const bt_set *bt_set_for(int64_t bytes) {
  const bt_set *set = bt_current_set();
  bool is_narrow = set->narrower && bytes <= 8 * set->narrower->products64.lanes;
  return is_narrow ? set->narrower : set;
}

#endif
