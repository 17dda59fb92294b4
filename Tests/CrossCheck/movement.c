#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

// Copies, conversions, choices, and rows by number.

typedef struct {
  size_t size;
  bt_dtype to, from;
  int32_t rank;
  int64_t extents[3], out[3], a[3], b[3];
  const char *left, *right, *condition;
} move;

static void copy(const void *context, void *out) {
  const move *m = context;
  bt_copy(m->size, m->rank, m->extents, (bt_operand){out, m->out},
          (bt_operand){(void *)m->left, m->a});
}

static void cast(const void *context, void *out) {
  const move *m = context;
  bt_cast(m->to, m->from, m->rank, m->extents, (bt_operand){out, m->out},
          (bt_operand){(void *)m->left, m->a});
}

static void choose(const void *context, void *out) {
  const move *m = context;
  bt_select(m->size, m->rank, m->extents, (bt_operand){out, m->out},
            (bt_operand){(void *)m->condition, m->a}, (bt_operand){(void *)m->left, m->a},
            (bt_operand){(void *)m->right, m->b});
}

/// Extents of three axes, a dense result, and operands in some order of the axes.
static int64_t shape(move *m, int64_t n) {
  m->rank = 3;
  m->extents[0] = 1 + below(3), m->extents[1] = 1 + below(19), m->extents[2] = n;
  int64_t count = m->extents[0] * m->extents[1] * n, step = 1;
  for (int axis = 2; axis >= 0; step *= m->extents[axis--]) m->out[axis] = step;
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  int64_t *strides[2] = {m->a, m->b};
  for (int i = 0; i < 2; ++i) {
    const int *order = orders[below(6)];
    step = 1;
    for (int axis = 2; axis >= 0; step *= m->extents[order[axis--]]) strides[i][order[axis]] = step;
  }
  return count;
}

static void check_moves(int64_t n) {
  static const bt_dtype types[] = {bt_uint8, bt_float32, bt_float64};
  char name[120];
  for (int i = 0; i < 3; ++i) {
    move m = {.size = sizes[types[i]]};
    int64_t count = shape(&m, n);
    void *a = values(types[i], count, with_specials), *b = values(types[i], count, plain);
    void *truths = values(bt_bool, count, plain);
    m.left = a, m.right = b, m.condition = truths;
    snprintf(name, sizeof name, "copy by %d, [%d, %d, %d]", (int)m.size, (int)m.extents[0],
             (int)m.extents[1], (int)n);
    check(name, &m, copy, types[i], count, 0, same);
    memcpy(name, "sele", 4);
    check(name, &m, choose, types[i], count, 0, same);
    free(a), free(b), free(truths);
  }
  for (int to = bt_bool; to <= bt_float64; ++to) {
    for (int from = bt_bool; from <= bt_float64; ++from) {
      move m = {.to = (bt_dtype)to, .from = (bt_dtype)from};
      int64_t count = shape(&m, n);
      void *a = values(m.from, count, with_specials);
      m.left = a;
      snprintf(name, sizeof name, "cast to %d from %d, [%d, %d, %d]", to, from, (int)m.extents[0],
               (int)m.extents[1], (int)n);
      check(name, &m, cast, m.to, count, 0, same);
      free(a);
    }
  }
}

typedef struct {
  bt_rows rows;
  const void *in;
} gathering;

static void gather(const void *context, void *out) {
  const gathering *g = context;
  bt_gather(&g->rows, out, g->in);
}

static void scatter(const void *context, void *out) {
  const gathering *g = context;
  bt_scatter_add(&g->rows, out, g->in);
}

static void check_rows(int64_t inner) {
  static const bt_dtype types[] = {bt_float32, bt_float64, bt_int32};
  for (int i = 0; i < 3; ++i) {
    int64_t batch = 1 + below(3), middle = 1 + below(2), n = 1 + below(9), count = below(12);
    int32_t *indices = values(bt_int32, batch * count, plain);
    for (int64_t j = 0; j < batch * count; ++j) indices[j] = (int32_t)below(n);
    gathering g = {{types[i], bt_int32, batch, middle, n, inner, count, indices}, 0};
    int64_t whole = batch * middle * n * inner, part = batch * middle * count * inner;
    void *in = values(types[i], whole, with_specials), *rows = values(types[i], part, plain);
    g.in = in;
    check("gather", &g, gather, types[i], part, 0, same);
    g.in = rows;
    check("scatter", &g, scatter, types[i], whole, 0, same);
    free(indices), free(in), free(rows);
  }
}

void check_movement(void) {
  for (int64_t n = 0; n <= 67; ++n) check_moves(n), check_rows(n);
  for (int64_t n = 200; n <= 3000; n += 700) check_moves(n), check_rows(n);
}
