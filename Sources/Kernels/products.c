#include "products.h"

// Which kernel a floating-point product takes, and how it is cut for caches and threads. A result
// is the same sum in the same order wherever the cuts along m and n fall; k is cut by its length
// alone.

enum {
  depth = 256,         // of a block along k: a panel of B stays in the L1 cache
  pack_columns = 2048, // columns of B packed at a time
  pack_rows = 1344,    // rows of A packed at a time, a multiple of every tile's height
  small_product = 2048,  // multiplications; about a tenth of a microsecond
  small_pack = 256,      // elements of B,
  small_depth = 32,      // and its rows
};

/// Multiplications and additions one thread does in the time a region should take at least.
static const double parallel_flops = 2e6;

typedef struct {
  const bt_products *kernels;
  int64_t size;
  // One block: c[m, n] += a[m, k] . b[k, n]
  int64_t m, n, k, a_m, a_k, b_k, b_n, c_m;
  const char *a, *b;
  char *c, *packed_a, *packed_b;  // packed: null where the operand is read in place
  bool accumulate;
  // How it is cut
  int64_t row_step, column_step, row_chunks, column_chunks, a_chunks;
} block_plan;

static void pack_chunk(void *context, int64_t chunk) {
  const block_plan *plan = context;
  const bt_products *kernels = plan->kernels;
  int64_t size = plan->size;
  if (chunk < plan->a_chunks) {
    int64_t i = chunk * plan->row_step;
    kernels->pack_a(bt_min(plan->row_step, plan->m - i), plan->k, plan->a + size * i * plan->a_m,
                    plan->a_m, plan->a_k, plan->packed_a + size * i * plan->k);
  } else {
    int64_t j = (chunk - plan->a_chunks) * plan->column_step;
    kernels->pack_b(bt_min(plan->column_step, plan->n - j), plan->k,
                    plan->b + size * j * plan->b_n, plan->b_k, plan->b_n,
                    plan->packed_b + size * j * plan->k);
  }
}

static void multiply_chunk(void *context, int64_t chunk) {
  const block_plan *plan = context;
  const bt_products *kernels = plan->kernels;
  int64_t size = plan->size, panel = kernels->tile_columns;
  int64_t i = chunk / plan->column_chunks * plan->row_step;
  int64_t j = chunk % plan->column_chunks * plan->column_step;
  const char *a = plan->packed_a ? plan->packed_a + size * i * plan->k
                                 : plan->a + size * i * plan->a_m;
  const char *b = plan->packed_b ? plan->packed_b + size * j * plan->k : plan->b + size * j;
  kernels->block(bt_min(plan->row_step, plan->m - i), bt_min(plan->column_step, plan->n - j),
                 plan->k, a, plan->a_m, plan->a_k, plan->packed_a != NULL, b,
                 plan->packed_b ? panel : plan->b_k, plan->packed_b ? panel * plan->k : panel,
                 plan->c + size * (i * plan->c_m + j), plan->c_m, plan->accumulate);
}

static void run(bool parallel, int64_t chunks, void (*body)(void *, int64_t), void *context) {
  if (parallel) bt_parallel(chunks, body, context);
  else
    for (int64_t chunk = 0; chunk < chunks; ++chunk) body(context, chunk);
}

/// Chunks small enough to share out, large enough to be worth claiming, whole tiles each.
static void cut(block_plan *plan) {
  int64_t rows = plan->kernels->tile_rows, columns = plan->kernels->tile_columns;
  int64_t row_tiles = bt_min(16, bt_ceil_divide(plan->m, rows));
  int64_t panels = bt_min(8, bt_ceil_divide(plan->n, columns));
  for (;;) {
    plan->row_step = row_tiles * rows;
    plan->column_step = panels * columns;
    plan->row_chunks = bt_ceil_divide(plan->m, plan->row_step);
    plan->column_chunks = bt_ceil_divide(plan->n, plan->column_step);
    double flops = 2.0 * (double)(plan->row_step * plan->column_step * plan->k);
    if (plan->row_chunks * plan->column_chunks >= 16 || flops < parallel_flops) break;
    if (row_tiles > 2 * panels) row_tiles = (row_tiles + 1) / 2;
    else if (panels > 1) panels = (panels + 1) / 2;
    else break;
  }
}

/// With no memory to pack into: columns of one element need no neighbours.
static void multiply_unpacked(const bt_product *p, const bt_products *kernels, int64_t size) {
  for (int64_t j = 0; j < p->n; ++j)
    kernels->block(p->m, 1, p->k, p->a, p->a_m, p->a_k, false, p->b + size * j * p->b_n, p->b_k, 0,
                   p->out + size * j, p->n, false);
}

static void multiply_blocks(const bt_product *p, const bt_products *kernels, int64_t size,
                            bool pack_a, bool pack_b, bool parallel) {
  int64_t deepest = bt_min(depth, p->k);
  int64_t a_bytes = pack_a ? bt_min(pack_rows, p->m) * deepest * size : 0;
  int64_t b_width = bt_min(pack_columns, bt_ceil_divide(p->n, kernels->tile_columns) *
                                             kernels->tile_columns);
  int64_t b_bytes = pack_b ? b_width * deepest * size : 0;
  a_bytes = (a_bytes + 63) / 64 * 64;
  char *packed = a_bytes + b_bytes ? bt_scratch(bt_scratch_dot, (size_t)(a_bytes + b_bytes)) : NULL;
  if (a_bytes + b_bytes && !packed) {
    multiply_unpacked(p, kernels, size);
    return;
  }
  int64_t row_block = pack_a ? pack_rows : p->m, column_block = pack_b ? pack_columns : p->n;
  for (int64_t j = 0; j < p->n; j += column_block)
    for (int64_t q = 0, length; q < p->k; q += length) {
      length = bt_ceil_divide(p->k - q, bt_ceil_divide(p->k - q, depth));
      for (int64_t i = 0; i < p->m; i += row_block) {
        block_plan plan = {
            .kernels = kernels, .size = size,
            .m = bt_min(row_block, p->m - i), .n = bt_min(column_block, p->n - j), .k = length,
            .a_m = p->a_m, .a_k = p->a_k, .b_k = p->b_k, .b_n = p->b_n, .c_m = p->n,
            .a = p->a + size * (i * p->a_m + q * p->a_k),
            .b = p->b + size * (q * p->b_k + j * p->b_n),
            .c = p->out + size * (i * p->n + j),
            .packed_a = pack_a ? packed : NULL, .packed_b = pack_b ? packed + a_bytes : NULL,
            .accumulate = q > 0,
        };
        cut(&plan);
        plan.a_chunks = pack_a ? plan.row_chunks : 0;
        // Row blocks after the first find B packed.
        int64_t b_chunks = pack_b && i == 0 ? plan.column_chunks : 0;
        run(parallel, plan.a_chunks + b_chunks, pack_chunk, &plan);
        run(parallel, plan.row_chunks * plan.column_chunks, multiply_chunk, &plan);
      }
    }
}

// MARK: lines

typedef struct {
  const bt_product *product;
  const bt_products *kernels;
  int64_t size, step;
} line_plan;

static void wide_row_chunk(void *context, int64_t chunk) {
  const line_plan *plan = context;
  const bt_product *p = plan->product;
  int64_t j = chunk * plan->step;
  plan->kernels->wide_row(bt_min(plan->step, p->n - j), p->k, p->a, p->a_k, p->b + plan->size * j,
                          p->b_k, p->out + plan->size * j);
}

/// Along the longer of m and n.
static void dots_chunk(void *context, int64_t chunk) {
  const line_plan *plan = context;
  const bt_product *p = plan->product;
  int64_t at = chunk * plan->step, size = plan->size;
  if (p->m >= p->n)
    plan->kernels->dots(bt_min(plan->step, p->m - at), p->n, p->k, p->a + size * at * p->a_m,
                        p->a_m, p->b, p->b_n, p->out + size * at * p->n, p->n);
  else
    plan->kernels->dots(p->m, bt_min(plan->step, p->n - at), p->k, p->a, p->a_m,
                        p->b + size * at * p->b_n, p->b_n, p->out + size * at, p->n);
}

static void multiply_lines(const bt_product *p, const bt_products *kernels, int64_t size,
                           bool parallel, bool wide_row) {
  line_plan plan = {.product = p, .kernels = kernels, .size = size};
  int64_t length = wide_row ? p->n : bt_max(p->m, p->n);
  int64_t whole = wide_row ? 8 * kernels->lanes : 4;
  // Reading memory bounds these, so what a chunk reads counts: a quarter of a megabyte.
  int64_t read = bt_max(1, p->m * p->n * p->k * size / (1 << 18));
  plan.step = bt_ceil_divide(bt_ceil_divide(length, read), whole) * whole;
  run(parallel, bt_ceil_divide(length, plan.step), wide_row ? wide_row_chunk : dots_chunk, &plan);
}

// MARK: the choice

static bool is_large(const bt_product *p) {
  return 2.0 * (double)p->m * (double)p->n * (double)p->k >= parallel_flops;
}

/// Nothing here is worth a second look: B in place, or its few elements packed on the stack.
static void multiply_small(const bt_product *p, const bt_products *kernels) {
  int64_t panel = kernels->tile_columns;
  if (p->b_n == 1) {
    kernels->block(p->m, p->n, p->k, p->a, p->a_m, p->a_k, false, p->b, p->b_k, panel, p->out,
                   p->n, false);
    return;
  }
  _Alignas(64) char packed[(small_pack + small_depth * 32) * 8];  // a panel is 32 wide at most
  kernels->pack_b(p->n, p->k, p->b, p->b_k, p->b_n, packed);
  kernels->block(p->m, p->n, p->k, p->a, p->a_m, p->a_k, false, packed, panel, panel * p->k,
                 p->out, p->n, false);
}

/// One product; batch is 1.
static void multiply(bt_product *p, const bt_products *kernels, int64_t size, bool parallel) {
  if (p->n == 1 && (p->a_k != 1 || p->b_k != 1) && p->k > 1) {
    // A column is the row of the transposed product.
    bt_product turned = *p;
    turned.m = 1, turned.n = p->m;
    turned.a = p->b, turned.a_m = 0, turned.a_k = p->b_k;
    turned.b = p->a, turned.b_k = p->a_k, turned.b_n = p->a_m;
    if (turned.n > 1 || turned.b_n == 1) {
      multiply(&turned, kernels, size, parallel);
      return;
    }
  }
  parallel = parallel && is_large(p);
  bool small = p->m * p->n * p->k <= small_product;
  if (small && p->n > 1 && (p->b_n == 1 || (p->n * p->k <= small_pack && p->k <= small_depth))) {
    multiply_small(p, kernels);
    return;
  }
  bool lines = p->a_k == 1 && p->b_k == 1 && (p->b_n != 1 || p->n == 1);
  if (lines && p->k > 1 && (p->n < 16 || p->m < 16)) {
    multiply_lines(p, kernels, size, parallel, false);
    return;
  }
  bool in_place = p->b_n == 1 || p->n == 1;
  if (in_place && p->m == 1) {
    multiply_lines(p, kernels, size, parallel, true);
    return;
  }
  int64_t b_bytes = p->n * p->k * size, a_bytes = p->m * p->k * size;
  bool pack_b = !in_place || (b_bytes > 512 << 10 && p->m >= 8 * kernels->tile_rows);
  bool pack_a = a_bytes > 512 << 10 && p->n >= 512;
  if (!pack_a && !pack_b && !parallel && p->k <= depth) {
    kernels->block(p->m, p->n, p->k, p->a, p->a_m, p->a_k, false, p->b, p->b_k,
                   kernels->tile_columns, p->out, p->n, false);
    return;
  }
  multiply_blocks(p, kernels, size, pack_a, pack_b, parallel);
}

// MARK: batches

typedef struct {
  const bt_product *product;
  const bt_products *kernels;
  int64_t size, per_chunk;
} batch_plan;

static void multiply_one(const batch_plan *plan, int64_t index, bool parallel) {
  const bt_product *p = plan->product;
  bt_product one = *p;
  one.out += plan->size * index * p->m * p->n;
  one.a += plan->size * index * p->a_batch;
  one.b += plan->size * index * p->b_batch;
  multiply(&one, plan->kernels, plan->size, parallel);
}

static void batch_chunk(void *context, int64_t chunk) {
  const batch_plan *plan = context;
  int64_t end = bt_min((chunk + 1) * plan->per_chunk, plan->product->batch);
  for (int64_t i = chunk * plan->per_chunk; i < end; ++i) multiply_one(plan, i, false);
}

void bt_float_dot(bt_product *p, const bt_products *kernels, int64_t size) {
  if (p->batch > 1 && p->b_batch == 0 && p->a_batch == p->m * p->a_m) {
    // The rows of a batch that shares b are the rows of one product.
    p->m *= p->batch;
    p->batch = 1;
  }
  if (p->batch == 1) {
    multiply(p, kernels, size, true);
    return;
  }
  batch_plan plan = {.product = p, .kernels = kernels, .size = size};
  double flops = 2.0 * (double)p->m * (double)p->n * (double)p->k;
  if (flops >= 16 * parallel_flops) {
    for (int64_t i = 0; i < p->batch; ++i) multiply_one(&plan, i, true);
    return;
  }
  plan.per_chunk = bt_max(1, (int64_t)(parallel_flops / flops));
  plan.per_chunk = bt_max(plan.per_chunk, p->batch >> 18);
  run((double)p->batch * flops >= parallel_flops, bt_ceil_divide(p->batch, plan.per_chunk),
      batch_chunk, &plan);
}
