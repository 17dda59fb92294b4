#include <stdbool.h>
#include <stdio.h>

#include "check.h"

// Products of matrices and with windows: of small integers, so that every order gives one result.

typedef struct {
  bt_contraction contraction;
  bool is_instruction;
  int64_t parts;
} product;

static void run(const void *context, void *out) {
  const product *p = context;
  bt_contraction c = p->contraction;
  c.c = out;
  if (!p->is_instruction) {
    bt_contract(&c);
    return;
  }
  bt_prepare_contraction(&c);
  for (int64_t i = 0; i < p->parts; ++i)
    bt_run_contraction(&c, c.prepared.extent * i / p->parts, c.prepared.extent * (i + 1) / p->parts,
                       i);
}

static void check_product(product *p, const char *name, int64_t a, int64_t b, int64_t c) {
  bt_dtype dtype = p->contraction.dtype;
  void *left = values(dtype, a, small_integers), *right = values(dtype, b, small_integers);
  void *before = values(dtype, c, small_integers);
  p->contraction.a = left, p->contraction.b = right;
  check(name, p, run, dtype, c, before, same);
  free(left), free(right), free(before);
}

static void check_matrices(bt_dtype dtype, int64_t batch, int64_t m, int64_t n, int64_t k) {
  product p = {.contraction = {.dtype = dtype, .batch_rank = 1, .row_rank = 1, .column_rank = 1,
                               .contracted_rank = 1, .term_count = 1}};
  bt_contraction *c = &p.contraction;
  bool turns_a = below(2), turns_b = below(2);
  int64_t gap = below(2) * 3;
  c->batch[0] = (bt_contraction_axis){batch, m * k, k * n, m * (n + gap)};
  c->rows[0] = (bt_contraction_axis){m, turns_a ? 1 : k, 0, n + gap};
  c->columns[0] = (bt_contraction_axis){n, 0, turns_b ? k : 1, 1};
  c->contracted[0] = (bt_contraction_axis){k, turns_a ? m : 1, turns_b ? 1 : n, 0};
  bool is_floating = dtype >= bt_float32;
  c->accumulate = is_floating && below(2);
  c->scale = is_floating && below(2) ? -0.5 : 1;
  p.is_instruction = is_floating && below(2);
  p.parts = 1 + below(3);
  if (p.is_instruction) c->cut = (bt_cut)(bt_cut_leading + below(4));
  char name[120];
  snprintf(name, sizeof name, "product of type %d, [%d, %d, %d] over %d, cut %d, turned %d %d",
           dtype, (int)batch, (int)m, (int)n, (int)k, c->cut, turns_a, turns_b);
  check_product(&p, name, batch * m * k, batch * k * n, batch * m * (n + gap));
}

/// Images `[batch, height, width, channels]` with windows of `size` by `size`, every `step`.
static void check_windows(bt_dtype dtype, int64_t size, int64_t step, int64_t channels,
                          int64_t filters) {
  int64_t batch = 2, height = size + step * below(5), width = size + step * (1 + below(9));
  int64_t rows = (height - size) / step + 1, columns = (width - size) / step + 1;
  product p = {.contraction = {.dtype = dtype, .row_rank = 3, .column_rank = 1,
                               .contracted_rank = 3, .term_count = 1, .scale = 1}};
  bt_contraction *c = &p.contraction;
  int64_t row = width * channels;
  c->rows[0] = (bt_contraction_axis){batch, height * row, 0, rows * columns * filters};
  c->rows[1] = (bt_contraction_axis){rows, step * row, 0, columns * filters};
  c->rows[2] = (bt_contraction_axis){columns, step * channels, 0, filters};
  c->columns[0] = (bt_contraction_axis){filters, 0, 1, 1};
  c->contracted[0] = (bt_contraction_axis){size, row, size * channels * filters, 0};
  c->contracted[1] = (bt_contraction_axis){size, channels, channels * filters, 0};
  c->contracted[2] = (bt_contraction_axis){channels, 1, filters, 0};
  char name[120];
  snprintf(name, sizeof name, "windows of %d every %d, %d channels, %d filters, type %d", (int)size,
           (int)step, (int)channels, (int)filters, dtype);
  check_product(&p, name, batch * height * row, size * size * channels * filters,
                batch * rows * columns * filters);
}

/// A sum of products whose operands lie one after the other.
static void check_terms(bt_dtype dtype, int64_t m, int64_t n, int64_t k) {
  enum { count = 3 };
  int64_t a_terms[count], b_terms[count];
  for (int64_t i = 0; i < count; ++i) a_terms[i] = i * m * k, b_terms[i] = (count - 1 - i) * k * n;
  product p = {.contraction = {.dtype = dtype, .row_rank = 1, .column_rank = 1,
                               .contracted_rank = 1, .term_count = count, .scale = 1}};
  bt_contraction *c = &p.contraction;
  c->a_terms = a_terms, c->b_terms = b_terms;
  c->rows[0] = (bt_contraction_axis){m, k, 0, n};
  c->columns[0] = (bt_contraction_axis){n, 0, 1, 1};
  c->contracted[0] = (bt_contraction_axis){k, 1, n, 0};
  check_product(&p, "sum of products", count * m * k, count * k * n, m * n);
}

void check_contractions(void) {
  for (int dtype = bt_bool; dtype <= bt_float64; ++dtype) {
    bt_dtype d = (bt_dtype)dtype;
    for (int64_t n = 1; n <= 67; ++n) {
      check_matrices(d, 1, n, 1 + below(67), 1 + below(67));
      check_matrices(d, 1, 1 + below(67), n, 1 + below(67));
      check_matrices(d, 1 + below(4), 1 + below(20), 1 + below(67), n);
    }
    check_matrices(d, 2, 0, 3, 3);
    check_matrices(d, 2, 3, 0, 3);
    check_matrices(d, 2, 3, 4, 0);
    check_matrices(d, 1, 1, 301, 129);
    check_matrices(d, 1, 131, 140, 300);
    if (dtype < bt_float32) continue;
    for (int64_t i = 1; i <= 20; ++i) {
      check_windows(d, 1 + below(5), 1 + below(3), 1 + below(8), i);
      check_terms(d, 1 + below(20), 1 + below(40), i);
    }
  }
}
