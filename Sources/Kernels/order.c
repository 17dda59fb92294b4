#include <stdlib.h>

#include "internal.h"

// Positions in order. Every type becomes a key of 64 bits whose order is that of the elements, so
// that one stable sort serves all: by insertion if there are few, else digit by digit.

enum {
  few = 48,
  digits = 8,          // of a key
  digit_values = 256,
  chunk_elements = 1 << 12,
};

typedef struct {
  uint64_t key;
  int64_t position;
} entry;

typedef struct {
  bt_dtype dtype;
  bool descending;
  int64_t outer, n, inner, lines_per_chunk;
  int64_t *out;
  const char *in;
} order_work;

/// NaN is above infinity, -0 is 0.
static inline uint64_t key_of_number(double x) {
  if (x != x) return UINT64_MAX;
  if (x == 0) x = 0.0;
  uint64_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static inline uint64_t key_of_integer(int64_t x) { return (uint64_t)x ^ (uint64_t)1 << 63; }

#define READ(T, key_of) \
  for (int64_t i = 0; i < n; ++i) \
    entries[i] = (entry){key_of(((const T *)in)[i * stride]) ^ turn, i}

/// The elements `stride` apart with their positions; descending keys are complements.
static void read_line(bt_dtype dtype, bool descending, int64_t n, const char *in, int64_t stride,
                      entry *entries) {
  uint64_t turn = descending ? UINT64_MAX : 0;
  switch (dtype) {
    case bt_bool: case bt_uint8: READ(uint8_t, key_of_integer); break;
    case bt_int32: READ(int32_t, key_of_integer); break;
    case bt_int64: READ(int64_t, key_of_integer); break;
    case bt_float32: READ(float, key_of_number); break;
    case bt_float64: READ(double, key_of_number); break;
  }
}

static void insert_all(int64_t n, entry *entries) {
  for (int64_t i = 1; i < n; ++i) {
    entry moved = entries[i];
    int64_t j = i;
    for (; j > 0 && entries[j - 1].key > moved.key; --j) entries[j] = entries[j - 1];
    entries[j] = moved;
  }
}

/// The lowest digit first, each time keeping the order of what is equal; digits that all share
/// are passed over. Answers which of the two holds the result.
static entry *sort_by_digits(int64_t n, entry *entries, entry *spare) {
  int64_t counts[digits][digit_values] = {0};
  for (int64_t i = 0; i < n; ++i)
    for (int d = 0; d < digits; ++d) ++counts[d][entries[i].key >> 8 * d & 255];
  for (int d = 0; d < digits; ++d) {
    if (counts[d][entries[0].key >> 8 * d & 255] == n) continue;
    int64_t starts[digit_values], start = 0;
    for (int value = 0; value < digit_values; start += counts[d][value++]) starts[value] = start;
    for (int64_t i = 0; i < n; ++i) spare[starts[entries[i].key >> 8 * d & 255]++] = entries[i];
    entry *sorted = spare;
    spare = entries;
    entries = sorted;
  }
  return entries;
}

static void order_chunk(void *context, int64_t chunk) {
  const order_work *work = context;
  int64_t n = work->n, lines = work->outer * work->inner;
  int64_t end = bt_min((chunk + 1) * work->lines_per_chunk, lines);
  entry *entries = bt_scratch(bt_scratch_order, 2 * (size_t)n * sizeof(entry));
  if (!entries) abort();
  for (int64_t line = chunk * work->lines_per_chunk; line < end; ++line) {
    int64_t first = line / work->inner * n * work->inner + line % work->inner;
    read_line(work->dtype, work->descending, n,
              work->in + first * (int64_t)bt_dtype_sizes[work->dtype], work->inner, entries);
    const entry *sorted = entries;
    if (n <= few) insert_all(n, entries);
    else sorted = sort_by_digits(n, entries, entries + n);
    for (int64_t i = 0; i < n; ++i) work->out[first + i * work->inner] = sorted[i].position;
  }
}

void bt_argsort(bt_dtype dtype, bool descending, int64_t outer, int64_t n, int64_t inner,
                int64_t *out, const void *in) {
  int64_t lines = outer * inner;
  if (lines == 0 || n == 0) return;
  order_work work = {dtype, descending, outer, n, inner, .out = out, .in = in};
  work.lines_per_chunk = bt_max(bt_max(1, chunk_elements / n), lines >> 18);
  bt_parallel(bt_ceil_divide(lines, work.lines_per_chunk), order_chunk, &work);
}
