#include "internal.h"

typedef struct {
  const bt_instruction *instructions;
  const bt_phase *phase;
} phase_run;

static void run_chunk(void *context, int64_t chunk) {
  const phase_run *run = context;
  int64_t chunks = run->phase->chunks;
  const bt_instruction *end = run->instructions + run->phase->count;
  for (const bt_instruction *i = run->instructions; i < end; ++i)
    i->run(i->body, i->extent * chunk / chunks, i->extent * (chunk + 1) / chunks, chunk);
}

void bt_run_phases(const bt_instruction *instructions, const bt_phase *phases, int64_t count) {
  for (const bt_phase *phase = phases; phase < phases + count; ++phase) {
    phase_run run = {instructions + phase->first, phase};
    if (phase->chunks > 1) {
      bt_parallel(phase->chunks, run_chunk, &run);
      continue;
    }
    for (int64_t i = 0; i < phase->count; ++i)
      run.instructions[i].run(run.instructions[i].body, 0, run.instructions[i].extent, 0);
  }
}

void bt_run_copy(const void *body, int64_t begin, int64_t end, int64_t chunk) {
  (void)chunk;
  const bt_copy_body *copy = body;
  int64_t extents[BT_MAX_RANK];
  memcpy(extents, copy->extents, sizeof(extents));
  int64_t size = (int64_t)copy->size, to = 0, from = 0;
  if (copy->rank > 0) {
    extents[0] = end - begin;
    to = begin * copy->to_strides[0] * size;
    from = begin * copy->from_strides[0] * size;
  }
  bt_copy(copy->size, copy->rank, extents, (bt_operand){copy->to + to, copy->to_strides},
          (bt_operand){(char *)copy->from + from, copy->from_strides});
}

void bt_run_sum(const void *body, int64_t begin, int64_t end, int64_t chunk) {
  (void)chunk;
  const bt_sum_body *sum = body;
  int64_t size = (int64_t)bt_dtype_sizes[sum->dtype];
  bt_reduce(bt_reduce_sum, sum->dtype, 1, sum->parts, end - begin, sum->to + begin * size,
            sum->from + begin * size, 0, sum->count, 1);
}
