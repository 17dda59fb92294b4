#include "accuracy.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

// MARK: errors

double error32(float found, double exact) {
  if (exact != exact) return found != found ? 0 : INFINITY;
  if (found != found) return INFINITY;
  if (exact == 0 && found == 0) return !signbit(exact) == !signbit(found) ? 0 : INFINITY;
  // From half a unit above the largest number on, infinity is right; it stands for 2^128.
  if (isinf(found) && fabs(exact) >= 0x1.ffffffp127)
    return (found > 0) == (exact > 0) ? 0 : INFINITY;
  if (isinf(exact)) return INFINITY;
  double value = isinf(found) ? copysign(0x1p128, found) : found;
  int64_t bits;
  memcpy(&bits, &exact, sizeof bits);
  int64_t exponent = (bits >> 52 & 0x7ff) - 1023;
  double units;
  bits = (23 - bt_max(exponent, -126) + 1023) << 52;
  memcpy(&units, &bits, sizeof units);
  return fabs(value - exact) * units;
}

double error64(double found, wide exact) {
  if (exact != exact) return found != found ? 0 : INFINITY;
  if (found != found) return INFINITY;
  if (exact == 0 && found == 0)
    return !signbit((double)exact) == !signbit(found) ? 0 : INFINITY;
  wide size = exact < 0 ? -exact : exact, largest = DBL_MAX;
  if (isinf(found) && size >= largest + (wide)0x1p970)
    return (found > 0) == (exact > 0) ? 0 : INFINITY;
  if (size > largest * 2) return INFINITY;
  wide value = isinf(found) ? (found > 0 ? 1 : -1) * (wide)0x1p1023 * 2 : (wide)found;
  int exponent = -1021;
  if (exact != 0) WIDE(frexp)(exact, &exponent);
  wide difference = value > exact ? value - exact : exact - value;
  return (double)WIDE(ldexp)(difference, 53 - (exponent < -1021 ? -1021 : exponent));
}

// MARK: sweeps

enum { block = 4096 };

typedef struct {
  const function *f;
  bool is_float32;
  uint64_t count;
  int set_count;
  const bt_set *const *sets;
  _Atomic uint64_t next;
  pthread_mutex_t mutex;
  worst *worsts;
} task;

typedef union {
  float f32[block];
  double f64[block];
} values;

/// Operands and true values of one block.
typedef struct {
  values x, y;
  double exact32[block];
  wide exact64[block];
} operands;

static void fill(const task *t, uint64_t first, uint64_t count, operands *o) {
  const function *f = t->f;
  // An odd factor visits all patterns in an order that a part of them samples evenly.
  uint64_t factor = t->count >> 32 ? 1 : 0x9e3779b1;
  for (uint64_t i = 0; i < count; ++i) {
    if (t->is_float32 && f->exact32) {
      uint32_t bits = (uint32_t)((first + i) * factor);
      memcpy(&o->x.f32[i], &bits, 4);
      if (f->own) o->x.f32[i] = fabsf(o->x.f32[i]);
      o->exact32[i] = f->exact32(o->x.f32[i]);
    } else if (t->is_float32) {
      pair32(first + i, &o->x.f32[i], &o->y.f32[i]);
      o->exact32[i] = (double)f->pair32(o->x.f32[i], o->y.f32[i]);
    } else if (f->exact64) {
      o->x.f64[i] = point64(f, first + i);
      if (f->own) o->x.f64[i] = fabs(o->x.f64[i]);
      o->exact64[i] = f->exact64(o->x.f64[i]);
    } else {
      pair64(first + i, &o->x.f64[i], &o->y.f64[i]);
      o->exact64[i] = f->pair64(o->x.f64[i], o->y.f64[i]);
    }
  }
}

static void measure(const task *t, const bt_set *set, int64_t count, const operands *o,
                    worst *result) {
  static _Thread_local values found;
  bt_dtype dtype = t->is_float32 ? bt_float32 : bt_float64;
  bool is_unary = t->f->exact32;
  if (t->f->own) {
    for (int64_t i = 0; i < count; ++i) {
      if (t->is_float32) found.f32[i] = (float)t->f->own(o->x.f32[i]);
      else found.f64[i] = t->f->own(o->x.f64[i]);
    }
  } else if (is_unary) {
    set->unary[t->f->operation][dtype](count, &found, &o->x);
  } else {
    set->binary[t->f->operation][dtype](count, &found, &o->x, &o->y, bt_both_vary);
  }
  for (int64_t i = 0; i < count; ++i) {
    double error = t->is_float32 ? error32(found.f32[i], o->exact32[i])
                                 : error64(found.f64[i], o->exact64[i]);
    if (error <= result->error) continue;
    *result = t->is_float32 ? (worst){error, o->x.f32[i], is_unary ? 0 : o->y.f32[i]}
                            : (worst){error, o->x.f64[i], is_unary ? 0 : o->y.f64[i]};
  }
}

static void *work(void *context) {
  task *t = context;
  worst worsts[most_sets] = {0};
  static _Thread_local operands o;
  for (;;) {
    uint64_t first = atomic_fetch_add(&t->next, block);
    if (first >= t->count) break;
    int64_t count = bt_min(block, (int64_t)(t->count - first));
    fill(t, first, (uint64_t)count, &o);
    for (int i = 0; i < t->set_count; ++i) measure(t, t->sets[i], count, &o, &worsts[i]);
  }
  pthread_mutex_lock(&t->mutex);
  for (int i = 0; i < t->set_count; ++i)
    if (worsts[i].error > t->worsts[i].error) t->worsts[i] = worsts[i];
  pthread_mutex_unlock(&t->mutex);
  return 0;
}

void sweep(const function *f, bool is_float32, uint64_t count, int set_count,
           const bt_set *const *sets, worst *worsts) {
  task t = {f, is_float32, count, set_count, sets, 0, PTHREAD_MUTEX_INITIALIZER, worsts};
  pthread_t threads[256];
  long processors = bt_max(1, bt_min(256, sysconf(_SC_NPROCESSORS_ONLN)));
  long started = 0;
  while (started < processors && !pthread_create(&threads[started], 0, work, &t)) ++started;
  if (!started) work(&t);
  for (long i = 0; i < started; ++i) pthread_join(threads[i], 0);
}
