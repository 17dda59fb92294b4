#ifndef CHECK_H
#define CHECK_H

// Runs kernels under every instruction set of the processor beside the scalar one, which the tests
// in Swift compare with plain loops: for processors and builds that those tests do not run on.

#include <stdint.h>
#include <stdlib.h>

#include "BacktapeKernels.h"

static const size_t sizes[] = {1, 1, 4, 8, 4, 8};

/// How results of two sets may differ.
typedef struct {
  /// In units of rounding of the type; 0: not in one bit, whatever the NaN.
  double units;
  /// Of what the unit is taken, if that is larger than the values themselves.
  double scale;
} difference;
static const difference same = {0, 0};

/// An operation under test: writes its results to `out`.
typedef void (*operation)(const void *context, void *out);

/// Runs an operation under the scalar set, and under all others with one thread and with three:
/// those must leave the same bits. `count` elements of `out` are compared, those that nobody writes
/// too; they are `before`, or a pattern if that is null.
void check(const char *name, const void *context, operation run, bt_dtype dtype, int64_t count,
           const void *before, difference allowed);

/// Numbers to draw from a seed.
void seed(uint64_t start);
uint64_t draw(void);
int64_t below(int64_t count);
double unit(void);

/// Memory with `count` elements and nothing behind them, so that a sanitizer sees what reads more.
typedef enum { plain, with_specials, small_integers, no_zeros } kind;
void *values(bt_dtype dtype, int64_t count, kind kind);

// By family.
void check_elementwise(void);
void check_movement(void);
void check_reductions(void);
void check_contractions(void);
void check_programs(void);

#endif
