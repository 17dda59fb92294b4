#include "check.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"neon", "avx512", "avx2", "sse2", "scalar"};
static int64_t checks, failures;

// MARK: numbers

static uint64_t state;

void seed(uint64_t start) { state = start; }

uint64_t draw(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

int64_t below(int64_t count) { return (int64_t)(draw() % (uint64_t)count); }

double unit(void) { return (double)(draw() >> 11) * 0x1p-52 - 1; }

static double floating(kind kind) {
  static const double specials[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1, -1, 0.5, 1e-40, -1e38};
  if (kind == small_integers) return (double)below(7) - 3;
  if (kind == with_specials && below(8) == 0) return specials[below(10)];
  return unit() * (below(4) ? 3 : 60);
}

void *values(bt_dtype dtype, int64_t count, kind kind) {
  char *memory = malloc((size_t)count * sizes[dtype] + !count);
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = kind == small_integers ? (uint64_t)below(7) : draw();
    if (kind == with_specials && below(16) == 0) bits = (uint64_t)INT64_MIN | 0x80000000;
    if (kind == no_zeros) bits |= 1;
    switch (dtype) {
      case bt_bool: ((uint8_t *)memory)[i] = bits & 1; break;
      case bt_uint8: ((uint8_t *)memory)[i] = (uint8_t)bits; break;
      case bt_int32: ((int32_t *)memory)[i] = (int32_t)(uint32_t)bits; break;
      case bt_int64: ((int64_t *)memory)[i] = (int64_t)bits; break;
      case bt_float32: ((float *)memory)[i] = (float)floating(kind); break;
      case bt_float64: ((double *)memory)[i] = floating(kind); break;
    }
  }
  return memory;
}

// MARK: comparison

static double element(bt_dtype dtype, const void *values, int64_t i) {
  return dtype == bt_float32 ? (double)((const float *)values)[i] : ((const double *)values)[i];
}

static bool agree(bt_dtype dtype, const void *found, const void *expected, int64_t i,
                  difference allowed) {
  size_t size = sizes[dtype];
  if (!memcmp((const char *)found + (size_t)i * size, (const char *)expected + (size_t)i * size,
              size))
    return true;
  if (dtype < bt_float32) return false;
  double a = element(dtype, found, i), b = element(dtype, expected, i);
  if (a != a || b != b) return a != a && b != b;
  if (isinf(a) || isinf(b)) return a == b;
  double unit = dtype == bt_float32 ? 0x1p-23 : 0x1p-52;
  double smallest = dtype == bt_float32 ? 0x1p-126 : 0x1p-1022;
  return fabs(a - b) <= allowed.units * unit * fmax(fmax(allowed.scale, fabs(b)), smallest) &&
         allowed.units > 0;
}

static void compare(const char *name, const char *set, const char *what, bt_dtype dtype,
                    int64_t count, const void *found, const void *expected, difference allowed) {
  ++checks;
  for (int64_t i = 0; i < count; ++i) {
    if (agree(dtype, found, expected, i, allowed)) continue;
    if (++failures > 40) return;
    printf("%s, %s, %s: element %lld of %lld", name, set, what, (long long)i, (long long)count);
    if (dtype >= bt_float32)
      printf(": %.17g, not %.17g", element(dtype, found, i), element(dtype, expected, i));
    printf("\n");
    return;
  }
}

void check(const char *name, const void *context, operation run, bt_dtype dtype, int64_t count,
           const void *before, difference allowed) {
  size_t bytes = (size_t)count * sizes[dtype];
  char *results[3];
  for (int i = 0; i < 3; ++i) results[i] = malloc(bytes + 1);
  const char *expected_set = 0;
  for (int i = -1; i < (int)(sizeof names / sizeof names[0]); ++i) {
    const char *set = i < 0 ? "scalar" : names[i];
    if (strcmp(bt_select_instruction_set(set), set)) continue;
    for (int threads = 1; threads <= 3; threads += 2) {
      char *result = results[i < 0 && threads == 1 ? 0 : threads == 1 ? 1 : 2];
      if (before) memcpy(result, before, bytes);
      else memset(result, dtype == bt_bool ? 1 : 0x3b, bytes);
      bt_set_thread_count(threads);
      run(context, result);
    }
    const char *one = results[i < 0 ? 0 : 1];
    compare(name, set, "three threads", dtype, count, results[2], one, same);
    if (expected_set) compare(name, set, expected_set, dtype, count, one, results[0], allowed);
    expected_set = "beside the scalar set";
  }
  for (int i = 0; i < 3; ++i) free(results[i]);
}

// MARK: the program

int main(void) {
  printf("instruction sets:");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
    if (!strcmp(bt_select_instruction_set(names[i]), names[i])) printf(" %s", names[i]);
  printf("\n");
  struct {
    const char *name;
    void (*run)(void);
  } families[] = {
      {"elementwise", check_elementwise},   {"movement", check_movement},
      {"reductions", check_reductions},     {"contractions", check_contractions},
      {"tile programs", check_programs},
  };
  for (size_t i = 0; i < sizeof families / sizeof families[0]; ++i) {
    int64_t checked = checks, failed = failures;
    seed(i + 1);
    families[i].run();
    printf("%-14s %7lld comparisons, %lld failed\n", families[i].name,
           (long long)(checks - checked), (long long)(failures - failed));
    fflush(stdout);
  }
  return failures ? 1 : 0;
}
