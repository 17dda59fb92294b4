#include "internal.h"
#include "matrix_factors.h"

#pragma clang fp contract(off)

// Functions of each of many matrices. They are computed in float64: float32 results are then right
// to the last bit nearly always, and there is one of everything.

typedef struct {
  bt_matrix_function function;
  bt_matrix_part part;
  bt_dtype dtype;
  int64_t count, rows, columns, per_chunk;
  char *out;
  const char *a, *b;  // b, and part, of equations only
  // Elements of one matrix, of one result, and what is needed besides.
  int64_t in_size, out_size, spare_size;
  _Atomic bool lacks_memory;
} matrix_work;

static void widen(bt_dtype dtype, int64_t count, double *out, const char *in, int64_t position) {
  if (dtype == bt_float64) {
    memcpy(out, (const double *)in + position, (size_t)count * sizeof(double));
  } else {
    const float *from = (const float *)in + position;
    for (int64_t i = 0; i < count; ++i) out[i] = from[i];
  }
}

static void narrow(bt_dtype dtype, int64_t count, char *out, int64_t position, const double *in) {
  if (dtype == bt_float64) {
    memcpy((double *)out + position, in, (size_t)count * sizeof(double));
  } else {
    float *to = (float *)out + position;
    for (int64_t i = 0; i < count; ++i) to[i] = (float)in[i];
  }
}

static void compute(bt_matrix_function function, int64_t rows, int64_t columns, double *a,
                    double *out, double *spare) {
  int64_t n = columns;
  switch (function) {
    case bt_cholesky:
      memcpy(out, a, (size_t)(n * n) * sizeof(double));
      bt_cholesky_factor(n, out);
      return;
    case bt_determinant: bt_determinant_of(n, a, out, spare); return;
    case bt_log_determinant: bt_log_determinant_of(n, a, out); return;
    case bt_qr: bt_qr_factor(rows, n, a, out, out + rows * n, spare); return;
    case bt_eigh: bt_eigh_factor(n, a, out, out + n, spare); return;
    case bt_svd: bt_svd_factor(rows, n, a, out + n, out, out + n + rows * n, spare); return;
    case bt_matrix_exponential: bt_exponential(n, a, out, spare); return;
  }
}

static void solve(bt_matrix_part part, int64_t n, int64_t columns, double *a, double *b) {
  switch (part) {
    case bt_whole: bt_solve_general(n, columns, a, b); return;
    case bt_lower: bt_solve_lower(n, columns, a, false, b); return;
    case bt_upper: bt_solve_upper(n, columns, a, b); return;
  }
}

static void run_chunk(void *context, int64_t chunk) {
  matrix_work *work = context;
  int64_t size = work->in_size + work->out_size + work->spare_size;
  double *a = bt_scratch(bt_scratch_matrix, (size_t)size * sizeof(double));
  if (!a) {
    work->lacks_memory = true;
    return;
  }
  double *out = a + work->in_size, *spare = out + work->out_size;
  int64_t end = bt_min((chunk + 1) * work->per_chunk, work->count);
  for (int64_t i = chunk * work->per_chunk; i < end; ++i) {
    widen(work->dtype, work->in_size, a, work->a, i * work->in_size);
    if (work->b) {
      widen(work->dtype, work->out_size, out, work->b, i * work->out_size);
      solve(work->part, work->rows, work->columns, a, out);
    } else {
      compute(work->function, work->rows, work->columns, a, out, spare);
    }
    narrow(work->dtype, work->out_size, work->out, i * work->out_size, out);
  }
}

/// Operations that a chunk does at least.
static const double chunk_operations = 1e5;

static bt_status run(matrix_work *work) {
  if (work->dtype != bt_float32 && work->dtype != bt_float64) return bt_unsupported;
  if (work->count == 0 || work->out_size == 0) return bt_ok;
  double operations = (double)work->rows * (double)work->rows * (double)(work->columns + 1);
  int64_t enough = (int64_t)(chunk_operations / (operations + 1)) + 1;
  work->per_chunk = bt_max(enough, work->count >> 18);
  bt_parallel(bt_ceil_divide(work->count, work->per_chunk), run_chunk, work);
  return work->lacks_memory ? bt_no_memory : bt_ok;
}

bt_status bt_matrix(bt_matrix_function function, bt_dtype dtype, int64_t count, int64_t rows,
                    int64_t columns, void *out, const void *a) {
  int64_t m = rows, n = columns;
  matrix_work work = {.function = function, .dtype = dtype, .count = count, .rows = rows,
                      .columns = columns, .out = out, .a = a, .in_size = m * n};
  switch (function) {
    case bt_cholesky: work.out_size = n * n; break;
    case bt_determinant:
      work.out_size = 3 + 2 * n;
      work.spare_size = n * n;
      break;
    case bt_log_determinant: work.out_size = 2; break;
    case bt_qr:
      work.out_size = (m + n) * n;
      work.spare_size = m + 2 * n;
      break;
    case bt_eigh:
      work.out_size = (1 + n) * n;
      work.spare_size = n * n + 4 * n;
      break;
    case bt_svd:
      work.out_size = (1 + m + n) * n;
      work.spare_size = m * n + 5 * n * n + m + 5 * n;
      break;
    case bt_matrix_exponential:
      work.out_size = n * n;
      work.spare_size = 6 * n * n;
      break;
  }
  return run(&work);
}

bt_status bt_solve(bt_matrix_part part, bt_dtype dtype, int64_t count, int64_t n, int64_t columns,
                   void *out, const void *a, const void *b) {
  matrix_work work = {.part = part, .dtype = dtype, .count = count, .rows = n, .columns = columns,
                      .out = out, .a = a, .b = b, .in_size = n * n, .out_size = n * columns};
  return run(&work);
}
