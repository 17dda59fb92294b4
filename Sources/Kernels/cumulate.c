#include "internal.h"

// Running sums. Columns side by side keep their sums beside each other; float32 is summed in
// double, so that a long line loses nothing.

enum {
  columns = 256,
  chunk_elements = 1 << 14,
};

typedef struct {
  bt_dtype dtype;
  int64_t n, inner, blocks, units, units_per_chunk;
  char *out;
  const char *in;
} cumulation;

#define CUMULATE(T, Sum)                                                                         \
  static void cumulate_##T(int64_t n, int64_t width, int64_t stride, T *out, const T *in) {      \
    if (width == 1) {                                                                            \
      Sum sum = 0;                                                                               \
      for (int64_t i = 0; i < n; ++i) out[i * stride] = (T)(sum += (Sum)in[i * stride]);         \
      return;                                                                                    \
    }                                                                                            \
    Sum sums[columns] = {0};                                                                     \
    for (int64_t i = 0; i < n; ++i)                                                              \
      for (int64_t j = 0; j < width; ++j)                                                        \
        out[i * stride + j] = (T)(sums[j] += (Sum)in[i * stride + j]);                           \
  }

CUMULATE(uint8_t, uint8_t)
CUMULATE(int32_t, uint32_t)
CUMULATE(int64_t, uint64_t)
CUMULATE(float, double)
CUMULATE(double, double)

static void run_units(void *context, int64_t chunk) {
  const cumulation *work = context;
  int64_t end = bt_min((chunk + 1) * work->units_per_chunk, work->units);
  for (int64_t unit = chunk * work->units_per_chunk; unit < end; ++unit) {
    int64_t first = unit % work->blocks * columns, width = bt_min(columns, work->inner - first);
    int64_t start = unit / work->blocks * work->n * work->inner + first;
    void *out = work->out + start * (int64_t)bt_dtype_sizes[work->dtype];
    const void *in = work->in + start * (int64_t)bt_dtype_sizes[work->dtype];
    switch (work->dtype) {
      case bt_bool: break;
      case bt_uint8: cumulate_uint8_t(work->n, width, work->inner, out, in); break;
      case bt_int32: cumulate_int32_t(work->n, width, work->inner, out, in); break;
      case bt_int64: cumulate_int64_t(work->n, width, work->inner, out, in); break;
      case bt_float32: cumulate_float(work->n, width, work->inner, out, in); break;
      case bt_float64: cumulate_double(work->n, width, work->inner, out, in); break;
    }
  }
}

bt_status bt_cumulative_sum(bt_dtype dtype, int64_t outer, int64_t n, int64_t inner, void *out,
                            const void *in) {
  if (dtype == bt_bool) return bt_unsupported;
  if (outer == 0 || n == 0 || inner == 0) return bt_ok;
  cumulation work = {dtype, n, inner, .out = out, .in = in};
  work.blocks = bt_ceil_divide(inner, columns);
  work.units = outer * work.blocks;
  int64_t each = n * bt_min(columns, inner);
  work.units_per_chunk = bt_max(bt_max(1, chunk_elements / each), work.units >> 18);
  bt_parallel(bt_ceil_divide(work.units, work.units_per_chunk), run_units, &work);
  return bt_ok;
}
