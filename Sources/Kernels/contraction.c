#include "contraction_axes.h"

// Contractions at once: prepared, run in parallel where that pays, forgotten. Integers and bool are
// summed by plain loops.

// MARK: integers and bool

/// Adds up one element of c: a, b and c are where it is, in elements.
typedef void (*integer_sum)(const bt_contraction *contraction, const bt_axes *contracted, int64_t a,
                            int64_t b, int64_t c);

#define INTEGER_SUM(T, U, add, multiply)                                                         \
  static void sum_##T(const bt_contraction *p, const bt_axes *contracted, int64_t a, int64_t b,  \
                      int64_t c) {                                                               \
    U *to = (U *)p->c + c, sum = p->accumulate ? *to : 0;                                        \
    bt_contraction_axis inner = bt_inner(contracted);                                            \
    int64_t runs = bt_outer_extent(contracted);                                                  \
    for (int64_t term = 0; term < p->term_count; ++term) {                                       \
      int64_t x_term = a + (p->a_terms ? p->a_terms[term] : 0);                                  \
      int64_t y_term = b + (p->b_terms ? p->b_terms[term] : 0);                                  \
      bt_walk_axes at;                                                                           \
      bt_walk_to(&at, contracted, bt_outer_rank(contracted), 0);                                 \
      for (int64_t run = 0; run < runs; ++run, bt_walk_on(&at)) {                                \
        int64_t x = x_term + at.a, y = y_term + at.b;                                            \
        for (int64_t i = 0; i < inner.extent; ++i, x += inner.a, y += inner.b)                   \
          sum = (U)(sum add (((const U *)p->a)[x] multiply ((const U *)p->b)[y]));               \
      }                                                                                          \
    }                                                                                            \
    *to = sum;                                                                                   \
  }
typedef uint8_t truth;
INTEGER_SUM(truth, truth, |, &)
INTEGER_SUM(uint8_t, uint8_t, +, *)
INTEGER_SUM(int32_t, uint32_t, +, *)
INTEGER_SUM(int64_t, uint64_t, +, *)

static void contract_integers(const bt_contraction *p, integer_sum sum) {
  bt_axes batch, rows, columns, contracted;
  bt_copy_axes(&batch, p->batch, p->batch_rank);
  bt_copy_axes(&rows, p->rows, p->row_rank);
  bt_copy_axes(&columns, p->columns, p->column_rank);
  bt_copy_axes(&contracted, p->contracted, p->contracted_rank);
  int64_t positions = bt_extent(&batch), m = bt_extent(&rows), n = bt_extent(&columns);
  bt_walk_axes place, row, column;
  bt_walk_to(&place, &batch, batch.rank, 0);
  for (int64_t position = 0; position < positions; ++position, bt_walk_on(&place)) {
    bt_walk_to(&row, &rows, rows.rank, 0);
    for (int64_t i = 0; i < m; ++i, bt_walk_on(&row)) {
      bt_walk_to(&column, &columns, columns.rank, 0);
      for (int64_t j = 0; j < n; ++j, bt_walk_on(&column))
        sum(p, &contracted, place.a + row.a, place.b + column.b, place.c + row.c + column.c);
    }
  }
}

// MARK: floating point

typedef struct {
  const bt_contraction *contraction;
  int64_t parts;
} shares;

static void run_share(void *context, int64_t part) {
  const shares *all = context;
  int64_t extent = all->contraction->prepared.extent;
  bt_run_contraction(all->contraction, extent * part / all->parts,
                     extent * (part + 1) / all->parts, part);
}

void bt_contract(bt_contraction *contraction) {
  switch (contraction->dtype) {
    case bt_bool: contract_integers(contraction, sum_truth); return;
    case bt_uint8: contract_integers(contraction, sum_uint8_t); return;
    case bt_int32: contract_integers(contraction, sum_int32_t); return;
    case bt_int64: contract_integers(contraction, sum_int64_t); return;
    case bt_float32:
    case bt_float64: break;
  }
  contraction->cut = bt_cut_best;
  contraction->c_part = 0;
  bt_prepare_contraction(contraction);
  // No bit of the result depends on where the parts begin, so there may be one for each thread.
  int64_t parts = contraction->prepared.chunks;
  if (parts > 1) parts = bt_min(parts, bt_thread_count());
  if (parts > 1) {
    shares all = {contraction, parts};
    bt_parallel(parts, run_share, &all);
  } else {
    bt_run_contraction(contraction, 0, contraction->prepared.extent, 0);
  }
}
