// How long two threads that spin take to begin and end a piece of work together. Machines have
// fast and slow phases, hours apart, in which this differs by several times.
#include "protocol.h"

#include <pthread.h>
#include <stdatomic.h>

static _Alignas(64) atomic_long begun;
static _Alignas(64) atomic_long ended;
static _Alignas(64) atomic_int finished;

static void *work(void *unused) {
  (void)unused;
  long next = 1;
  while (!atomic_load(&finished)) {
    if (atomic_load_explicit(&begun, memory_order_acquire) < next) continue;
    atomic_store_explicit(&ended, next, memory_order_release);
    next++;
  }
  return NULL;
}

// The other thread spins during a call only: it would take time from others that are measured.
static void regions(void) {
  pthread_t other;
  atomic_store(&begun, 0);
  atomic_store(&ended, 0);
  atomic_store(&finished, 0);
  if (pthread_create(&other, NULL, work, NULL)) return;
  for (long i = 1; i <= 100000; i++) {
    atomic_store_explicit(&begun, i, memory_order_release);
    while (atomic_load_explicit(&ended, memory_order_acquire) < i) {
    }
  }
  atomic_store(&finished, 1);
  pthread_join(other, NULL);
}

int main(void) {
  struct anchor_case cases[] = {{"empty region", regions, 100000, NULL}};
  return anchor_serve(cases, 1);
}
