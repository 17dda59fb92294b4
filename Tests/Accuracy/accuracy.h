#ifndef ACCURACY_H
#define ACCURACY_H

// Measures how far the functions of Sources/Kernels are from the true values, in units in the last
// place of the true value, for every instruction set of this processor.

#include <stdbool.h>
#include <stdint.h>

#include "instruction_set.h"

// The wide type has 113 bits: what is measured in float64 has 53.
#if defined(__aarch64__)
typedef long double wide;
#define WIDE(function) function##l
#else
typedef __float128 wide;
#define WIDE(function) function##q
#endif
wide WIDE(exp)(wide);
wide WIDE(frexp)(wide, int *);
wide WIDE(ldexp)(wide, int);

/// A function and its true values.
typedef struct {
  const char *name;
  int operation;
  /// Whether every set calls the C library: then one is measured for all.
  bool is_library;
  /// Of one operand: in float64 for float32, wide for float64. Null for functions of two.
  double (*exact32)(double);
  wide (*exact64)(wide);
  /// Of two operands: extended for float32, wide for float64.
  long double (*pair32)(long double, long double);
  wide (*pair64)(wide, wide);
  /// Units in the last place that must not be exceeded.
  double bound32, bound64;
  /// Where float64 is looked at closely: the range of interest, places where the arithmetic or the
  /// result changes, and a step that multiples of are hard.
  double low, high, step;
  double places[8];
  /// Where sets have no such operation: the function itself, of which positive numbers are measured.
  double (*own)(double);
} function;

extern const function functions[];
extern const int function_count;

/// The worst of one function on one set.
typedef struct {
  double error;  // infinite if the kind is wrong: NaN, infinity, or the sign of zero
  double x, y;
} worst;

/// Units in the last place between what was found and the true value.
double error32(float found, double exact);
double error64(double found, wide exact);

/// Operands by number: the same for every run.
uint64_t mixed(uint64_t number);
double point64(const function *f, uint64_t number);
void pair64(uint64_t number, double *x, double *y);
void pair32(uint64_t number, float *x, float *y);

enum { most_sets = 4 };

/// Measures a function in a type under some sets at `count` operands, on all processors: of float32
/// and one operand 2^32 are all there are.
void sweep(const function *f, bool is_float32, uint64_t count, int set_count,
           const bt_set *const *sets, worst *worsts);

#endif
