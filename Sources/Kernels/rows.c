#include "instruction_set.h"

// Rows by number: read into order, or added where the numbers say. A row is the inner part of an
// operand, contiguous.

static inline int64_t index_at(bt_dtype dtype, const void *indices, int64_t i) {
  return dtype == bt_int32 ? ((const int32_t *)indices)[i] : ((const int64_t *)indices)[i];
}

int64_t bt_first_outside(bt_dtype dtype, int64_t count, const void *indices, int64_t extent) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t index = index_at(dtype, indices, i);
    if (index < 0 || index >= extent) return i;
  }
  return -1;
}

typedef struct {
  bt_rows rows;
  char *out;
  const char *in;
  bt_binary_loop add;
  int64_t per_chunk;
} row_work;

/// The numbers that name rows of block `block`: those of its batch.
static inline const char *numbers_of(const bt_rows *rows, int64_t block) {
  int64_t first = block / rows->middle * rows->count;
  return (const char *)rows->indices + first * (int64_t)bt_dtype_sizes[rows->index_dtype];
}

/// The i-th chosen row of the n of block `block`, as an offset in rows.
static inline int64_t chosen(const bt_rows *rows, int64_t block, const char *numbers, int64_t i) {
  return block * rows->n + index_at(rows->index_dtype, numbers, i);
}

static inline void copy_row(void *out, const void *in, int64_t bytes) {
  if (bytes == 4) memcpy(out, in, 4);
  else if (bytes == 8) memcpy(out, in, 8);
  else memcpy(out, in, (size_t)bytes);
}

static void gather_chunk(void *context, int64_t chunk) {
  const row_work *work = context;
  const bt_rows *rows = &work->rows;
  int64_t bytes = rows->inner * (int64_t)bt_dtype_sizes[rows->dtype];
  int64_t unit = chunk * work->per_chunk;
  int64_t end = bt_min(unit + work->per_chunk, rows->batch * rows->middle * rows->count);
  while (unit < end) {
    int64_t block = unit / rows->count, i = unit % rows->count;
    const char *numbers = numbers_of(rows, block);
    for (; i < rows->count && unit < end; ++i, ++unit)
      copy_row(work->out + unit * bytes, work->in + chosen(rows, block, numbers, i) * bytes, bytes);
  }
}

/// A chunk owns rows of the result and looks through all numbers for them, in order: every element
/// is the same sum in the same order however many threads there are.
static void scatter_chunk(void *context, int64_t chunk) {
  const row_work *work = context;
  const bt_rows *rows = &work->rows;
  int64_t bytes = rows->inner * (int64_t)bt_dtype_sizes[rows->dtype];
  int64_t first = chunk * work->per_chunk;
  int64_t end = bt_min(first + work->per_chunk, rows->batch * rows->middle * rows->n);
  memset(work->out + first * bytes, 0, (size_t)((end - first) * bytes));
  for (int64_t block = first / rows->n; block * rows->n < end; ++block) {
    const char *numbers = numbers_of(rows, block);
    for (int64_t i = 0; i < rows->count; ++i) {
      int64_t to = chosen(rows, block, numbers, i);
      if (to < first || to >= end) continue;
      char *sum = work->out + to * bytes;
      work->add(rows->inner, sum, sum, work->in + (block * rows->count + i) * bytes,
                bt_both_vary);
    }
  }
}

/// Bytes that a chunk moves at least.
static const int64_t chunk_bytes = 1 << 17;

void bt_gather(const bt_rows *rows, void *out, const void *in) {
  int64_t units = rows->batch * rows->middle * rows->count;
  int64_t bytes = rows->inner * (int64_t)bt_dtype_sizes[rows->dtype];
  if (units == 0 || bytes == 0) return;
  row_work work = {.rows = *rows, .out = out, .in = in};
  work.per_chunk = bt_max(bt_ceil_divide(chunk_bytes, bytes), units >> 18);
  bt_parallel(bt_ceil_divide(units, work.per_chunk), gather_chunk, &work);
}

bt_status bt_scatter_add(const bt_rows *rows, void *out, const void *in) {
  int64_t units = rows->batch * rows->middle * rows->n;
  int64_t bytes = rows->inner * (int64_t)bt_dtype_sizes[rows->dtype];
  row_work work = {.rows = *rows, .out = out, .in = in};
  work.add = bt_current_set()->binary[bt_add][rows->dtype];
  if (!work.add) return bt_unsupported;
  if (units == 0 || bytes == 0) return bt_ok;
  // Every chunk reads all numbers of its blocks, so a block is cut only into a few.
  int64_t added = rows->batch * rows->middle * bt_max(rows->count, rows->n) * bytes;
  int64_t chunks = bt_min(bt_ceil_divide(added, chunk_bytes), 16 * rows->batch * rows->middle);
  work.per_chunk = bt_ceil_divide(units, bt_min(bt_max(chunks, 1), 1 << 18));
  bt_parallel(bt_ceil_divide(units, work.per_chunk), scatter_chunk, &work);
  return bt_ok;
}
