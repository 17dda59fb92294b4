#include "internal.h"

// Contractions at once: prepared, run in parallel where that pays, forgotten. Integers and bool are
// summed by plain loops.

// MARK: integers and bool

/// Positions of some axes in order.
static bool advance(int64_t *position, const bt_contraction_axis *axes, int32_t rank, int64_t *a,
                    int64_t *b, int64_t *c) {
  for (int32_t i = rank - 1; i >= 0; --i) {
    *a += axes[i].a, *b += axes[i].b, *c += axes[i].c;
    if (++position[i] < axes[i].extent) return true;
    position[i] = 0;
    *a -= axes[i].a * axes[i].extent, *b -= axes[i].b * axes[i].extent;
    *c -= axes[i].c * axes[i].extent;
  }
  return false;
}

#define INTEGER_SUM(T, U, add, multiply)                                                         \
  static void sum_##T(const bt_contraction *p, int64_t a, int64_t b, int64_t c) {                \
    U *to = (U *)p->c + c, sum = p->accumulate ? *to : 0;                                        \
    for (int64_t term = 0; term < p->term_count; ++term) {                                       \
      int64_t position[BT_MAX_RANK] = {0}, none = 0;                                             \
      int64_t a_at = a + (p->a_terms ? p->a_terms[term] : 0);                                    \
      int64_t b_at = b + (p->b_terms ? p->b_terms[term] : 0);                                    \
      do sum = (U)(sum add (((const U *)p->a)[a_at] multiply ((const U *)p->b)[b_at]));          \
      while (advance(position, p->contracted, p->contracted_rank, &a_at, &b_at, &none));         \
    }                                                                                            \
    *to = sum;                                                                                   \
  }
typedef uint8_t truth;
INTEGER_SUM(truth, truth, |, &)
INTEGER_SUM(uint8_t, uint8_t, +, *)
INTEGER_SUM(int32_t, uint32_t, +, *)
INTEGER_SUM(int64_t, uint64_t, +, *)

static int64_t extent(const bt_contraction_axis *axes, int32_t rank) {
  int64_t extent = 1;
  for (int32_t i = 0; i < rank; ++i) extent *= axes[i].extent;
  return extent;
}

static void contract_integers(const bt_contraction *p,
                              void (*sum)(const bt_contraction *, int64_t, int64_t, int64_t)) {
  if (extent(p->batch, p->batch_rank) * extent(p->rows, p->row_rank) *
          extent(p->columns, p->column_rank) == 0)
    return;
  bt_contraction empty = *p;
  if (extent(p->contracted, p->contracted_rank) == 0) empty.term_count = 0, p = &empty;
  int64_t batch[BT_MAX_RANK] = {0}, a = 0, b = 0, c = 0;
  do {
    int64_t row[BT_MAX_RANK] = {0};
    do {
      int64_t column[BT_MAX_RANK] = {0};
      do sum(p, a, b, c);
      while (advance(column, p->columns, p->column_rank, &a, &b, &c));
    } while (advance(row, p->rows, p->row_rank, &a, &b, &c));
  } while (advance(batch, p->batch, p->batch_rank, &a, &b, &c));
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
