#ifndef BACKTAPE_KERNELS_INTERNAL_H
#define BACKTAPE_KERNELS_INTERNAL_H

// What all files of this layer share: sizes, the thread pool and scratch memory.

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "BacktapeKernels.h"

#define BT_DTYPES 6

static const size_t bt_dtype_sizes[BT_DTYPES] = {1, 1, 4, 8, 4, 8};

static inline int64_t bt_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t bt_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t bt_ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// MARK: threads and memory

/// Calls `body` once for every chunk in 0..<chunks, on several threads where they are free. Safe to
/// nest and to call from many threads: a caller that finds the pool busy runs its chunks itself.
void bt_parallel(int64_t chunks, void (*body)(void *context, int64_t chunk), void *context);

/// Memory of the calling thread, 64-byte aligned, kept until the thread ends or asks the same slot
/// for more. Null when there is none. Slots are named by their user so that none nest.
typedef enum {
  bt_scratch_contraction, bt_scratch_reduce, bt_scratch_program, bt_scratch_order,
  bt_scratch_matrix,
  bt_scratch_slots
} bt_scratch_slot;
void *bt_scratch(bt_scratch_slot slot, size_t bytes);

/// A region that takes less than this on one thread is not worth waking another for.
static const double bt_parallel_nanoseconds = 30e3;
/// What a chunk of an elementwise region should take: long against a claim, short against a stall.
static const double bt_chunk_nanoseconds = 10e3;

#endif
