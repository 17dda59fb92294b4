#include "instruction_set.h"

#include <stdlib.h>

static const bt_set *const sets[] = {  // the best first
#if defined(__x86_64__)
    &bt_set_avx512, &bt_set_avx2, &bt_set_sse2,
#elif defined(__aarch64__)
    &bt_set_neon,
#endif
    &bt_set_scalar,
};
enum { set_count = sizeof(sets) / sizeof(sets[0]) };

_Atomic(const bt_set *) bt_chosen_set;

static bool is_available(const bt_set *set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (set == &bt_set_avx2) return avx2;
  if (set == &bt_set_avx512)
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
  (void)set;
  return true;
}

/// The best set the processor has, or the one of that name if it has that.
static const bt_set *choose(const char *name) {
  for (int i = 0; name && i < set_count; ++i)
    if (!strcmp(sets[i]->name, name) && is_available(sets[i])) return sets[i];
  for (int i = 0; i < set_count; ++i)
    if (is_available(sets[i])) return sets[i];
  return &bt_set_scalar;
}

const bt_set *bt_choose_set(void) {
  const bt_set *set = choose(getenv("BACKTAPE_INSTRUCTION_SET"));
  atomic_store_explicit(&bt_chosen_set, set, memory_order_relaxed);
  return set;
}

const char *bt_instruction_set(void) { return bt_current_set()->name; }

const char *bt_select_instruction_set(const char *name) {
  const bt_set *set = choose(name ? name : getenv("BACKTAPE_INSTRUCTION_SET"));
  atomic_store_explicit(&bt_chosen_set, set, memory_order_relaxed);
  return set->name;
}
