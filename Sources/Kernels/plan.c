#include "internal.h"

typedef struct {
  const bt_instruction *instructions;
  const bt_phase *phase;
} phase_run;

static void run_part(const bt_instruction *instructions, int64_t count, int64_t chunk,
                     int64_t chunks) {
  for (const bt_instruction *i = instructions; i < instructions + count; ++i)
    i->run(i->body, i->extent * chunk / chunks, i->extent * (chunk + 1) / chunks, chunk);
}

static void run_chunk(void *context, int64_t chunk) {
  const phase_run *run = context;
  run_part(run->instructions, run->phase->count, chunk, run->phase->chunks);
}

static void shift(const bt_rounds *rounds, int64_t times) {
  for (const bt_shift *m = rounds->shifts; m < rounds->shifts + rounds->shift_count; ++m)
    *m->address += m->step * times;
}

void bt_run_phases(const bt_instruction *instructions, const bt_phase *phases, int64_t count) {
  int64_t round = 0;
  for (int64_t number = 0; number < count; ++number) {
    const bt_phase *phase = phases + number;
    phase_run run = {instructions + phase->first, phase};
    if (phase->chunks > 1)
      bt_parallel(phase->chunks, run_chunk, &run);
    else
      run_part(run.instructions, phase->count, 0, 1);
    if (phase->looped == 0) continue;
    if (++round < phase->rounds.count) {
      shift(&phase->rounds, 1);
      number -= phase->looped;
    } else {
      shift(&phase->rounds, 1 - round);
      round = 0;
    }
  }
}

void bt_run_loop(const void *loops, int64_t begin, int64_t end, int64_t chunk) {
  (void)begin, (void)end;
  const bt_loop *loop = (const bt_loop *)loops + chunk;
  for (int64_t round = 1; round <= loop->rounds.count; ++round) {
    run_part(loop->instructions, loop->count, chunk, loop->chunks);
    shift(&loop->rounds, round < loop->rounds.count ? 1 : 1 - round);
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
