#include "accuracy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Prints a table and fails if a bound is exceeded.
//   accuracy            some operands of each function, in seconds
//   accuracy --every N  every N-th of the 2^32 of float32, evenly; 1 takes hours
//   accuracy --markdown the table as an article has it
//   accuracy --only S   functions whose names begin so

static const char *const names[] = {"avx512", "avx2", "sse2", "neon", "scalar"};

static int available(const bt_set **sets) {
  int count = 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
    if (!strcmp(bt_select_instruction_set(names[i]), names[i])) sets[count++] = bt_current_set();
  return count;
}

/// One row of the table: answers whether the bound holds. `count` sets were measured for all.
static bool report(const function *f, bool is_float32, int count, int set_count,
                   const worst *worsts, bool is_markdown) {
  double bound = is_float32 ? f->bound32 : f->bound64;
  const char *between = is_markdown ? " | " : "  ", *type = is_float32 ? "float32" : "float64";
  printf(is_markdown ? "| %s | %s" : "%-11s  %s", f->name, type);
  const worst *worst_of_all = worsts;
  for (int i = 0; i < set_count; ++i) {
    if (worsts[i % count].error > worst_of_all->error) worst_of_all = &worsts[i % count];
    printf("%s%6.3f", between, worsts[i % count].error);
  }
  printf("%s%5.2f%s", between, bound, is_markdown ? " | " : "  at ");
  printf(f->exact32 ? "%.*g" : "%.*g, %.*g", is_float32 ? 9 : 17, worst_of_all->x,
         is_float32 ? 9 : 17, worst_of_all->y);
  bool is_within = worst_of_all->error <= bound;
  printf("%s%s\n", is_markdown ? " |" : "", is_within ? "" : "  EXCEEDED");
  fflush(stdout);
  return is_within;
}

int main(int argc, char **argv) {
  bool is_markdown = false;
  uint64_t every = 2048;
  const char *only = "";
  for (int i = 1; i < argc; ++i) {
    if (!strcmp(argv[i], "--markdown")) is_markdown = true;
    else if (!strcmp(argv[i], "--every") && i + 1 < argc) every = strtoull(argv[++i], 0, 10);
    else if (!strcmp(argv[i], "--only") && i + 1 < argc) only = argv[++i];
    else every = 0;
    if (every == 0) return fprintf(stderr, "accuracy: cannot make sense of %s\n", argv[i]), 2;
  }
  const bt_set *sets[most_sets];
  int set_count = available(sets);
  printf(is_markdown ? "| function | type |" : "function     type   ");
  for (int i = 0; i < set_count; ++i) printf(is_markdown ? " %s |" : "  %6s", sets[i]->name);
  printf(is_markdown ? " bound | worst at |\n|---|---|" : "  bound  worst\n");
  for (int i = 0; is_markdown && i < set_count; ++i) printf("---|");
  if (is_markdown) printf("---|---|\n");
  bool is_within = true;
  for (int i = 0; i < function_count; ++i) {
    const function *f = &functions[i];
    if (strncmp(f->name, only, strlen(only))) continue;
    int measured = f->is_library ? 1 : set_count;
    for (int is_float32 = 1; is_float32 >= 0; --is_float32) {
      uint64_t count = is_float32 ? (1ull << 32) / every : (1ull << 25) / every;
      if (is_float32 && !f->exact32) count /= 16;
      if (count < 1ull << 17) count = 1ull << 17;
      worst worsts[most_sets] = {0};
      sweep(f, is_float32, count, measured, sets, worsts);
      is_within &= report(f, is_float32, measured, set_count, worsts, is_markdown);
    }
  }
  return is_within ? 0 : 1;
}
