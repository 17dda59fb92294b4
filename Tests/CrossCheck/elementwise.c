#include <stdbool.h>
#include <stdio.h>

#include "check.h"

// Operations of one and of two operands, dense and strided.

typedef struct {
  int operation;
  bt_dtype dtype;
  bool is_binary;
  int32_t rank;
  int64_t extents[BT_MAX_RANK], out[BT_MAX_RANK], a[BT_MAX_RANK], b[BT_MAX_RANK];
  int64_t out_first, a_first, b_first;
  const char *left, *right;
  bt_status *status;
} call;

static void run(const void *context, void *out) {
  const call *c = context;
  size_t size = sizes[c->dtype];
  bool is_truth = c->is_binary && c->operation >= bt_equal;
  char *result = (char *)out + (size_t)c->out_first * (is_truth ? 1 : size);
  bt_operand a = {(void *)(c->left + (size_t)c->a_first * size), c->a};
  bt_operand b = {(void *)(c->right + (size_t)c->b_first * size), c->b};
  bt_operand to = {result, c->out};
  *c->status = c->is_binary ? bt_binary((bt_binary_operation)c->operation, c->dtype, c->rank,
                                        c->extents, to, a, b)
                            : bt_unary((bt_unary_operation)c->operation, c->dtype, c->rank,
                                       c->extents, to, a);
}

/// Functions of which every set has its own.
static difference allowance(const call *c) {
  if (c->is_binary || c->dtype < bt_float32) return same;
  switch (c->operation) {
    case bt_exp: case bt_exp2: case bt_log: case bt_log2: case bt_log10: case bt_tanh:
    case bt_sigmoid:
      return (difference){6, 0};
    default: return same;
  }
}

/// Steps for an operand of so many elements along each of two axes: neighbours, with gaps,
/// backwards, the other way round, or (of what is read) repeated. Answers the room they take.
static int64_t steps(int way, const int64_t *extents, int64_t *strides, int64_t *first) {
  int64_t rows = extents[0], columns = extents[1];
  *first = 0;
  switch (way) {
    case 0: strides[0] = columns, strides[1] = 1; return rows * columns;
    case 1: strides[0] = 2 * columns + 1, strides[1] = 2; return rows * (2 * columns + 1);
    case 2: strides[0] = columns, strides[1] = -1, *first = columns - 1; return rows * columns;
    case 3: strides[0] = 1, strides[1] = rows; return rows * columns;
    case 4: strides[0] = 0, strides[1] = 1; return columns;
    case 5: strides[0] = 1, strides[1] = 0; return rows;
    default: strides[0] = 0, strides[1] = 0; return 1;
  }
}

static void check_call(call *c, int64_t rows, int64_t columns, int out_way, int a_way, int b_way) {
  bt_status status = bt_ok;
  c->status = &status;
  c->rank = 2;
  c->extents[0] = rows, c->extents[1] = columns;
  int64_t room = steps(out_way, c->extents, c->out, &c->out_first);
  int64_t left = steps(a_way, c->extents, c->a, &c->a_first);
  int64_t right = steps(b_way, c->extents, c->b, &c->b_first);
  bool divides = c->is_binary && (c->operation == bt_divide || c->operation == bt_remainder);
  void *a = values(c->dtype, left, with_specials);
  void *b = values(c->dtype, right, divides && c->dtype < bt_float32 ? no_zeros : with_specials);
  c->left = a, c->right = b;
  char name[160];
  snprintf(name, sizeof name, "%s %d of type %d, [%d, %d], ways %d %d %d",
           c->is_binary ? "binary" : "unary", c->operation, c->dtype, (int)rows, (int)columns,
           out_way, a_way, b_way);
  bt_dtype result = c->is_binary && c->operation >= bt_equal ? bt_bool : c->dtype;
  check(name, c, run, result, room, 0, allowance(c));
  free(a);
  free(b);
}

/// Whether an operation takes a type: asked of no elements.
static bool takes(call *c) {
  bt_status status = bt_ok;
  char nothing[8] = {0};
  c->status = &status, c->left = c->right = nothing;
  c->rank = 1, c->extents[0] = 0;
  run(c, nothing);
  return status == bt_ok;
}

void check_elementwise(void) {
  for (int is_binary = 0; is_binary < 2; ++is_binary) {
    int last = is_binary ? bt_xor : bt_rsqrt;
    for (int operation = 0; operation <= last; ++operation) {
      for (int dtype = bt_bool; dtype <= bt_float64; ++dtype) {
        call c = {.operation = operation, .dtype = (bt_dtype)dtype, .is_binary = is_binary};
        if (!takes(&c)) continue;
        for (int64_t n = 0; n <= 67; ++n) check_call(&c, 1, n, 0, 0, is_binary ? n % 2 * 6 : 0);
        for (int64_t n = 1; n <= 67; n += 3)
          check_call(&c, 1 + n % 4, n, (int)below(4), (int)below(7), (int)below(7));
        check_call(&c, 3, 1000, 0, 6, 0);
        check_call(&c, 40, 5000, 0, 0, 3);
      }
    }
  }
}
