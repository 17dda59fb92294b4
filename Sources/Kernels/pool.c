#if defined(__linux__)
#define _GNU_SOURCE  // sched_getaffinity
#endif
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

// One region runs at a time. Its chunks are claimed by compare-and-swap on one word that also names
// the region, so a thread that wakes late can claim nothing of a region that is over, and the
// caller never waits for a thread that has claimed nothing. The caller claims from the low end, the
// workers from the high one: from region to region a thread meets the memory it has in its caches.

enum { count_bits = 20, max_workers = 255 };
static const uint64_t count_mask = (1u << count_bits) - 1;
static const int64_t spin_nanoseconds = 100000;  // before a worker parks

static _Atomic uint64_t ticket;          // generation : 24 | end : 20 | begin : 20, unclaimed
static _Atomic uint64_t finished;        // chunks of the region that are done
static _Atomic bool busy;                // a region is running
static _Atomic int32_t limit;            // threads that may take part; 0 until first asked
static _Atomic int32_t parked;           // workers asleep that a region should wake
static void (*region_body)(void *, int64_t);
static void *region_context;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static int32_t started;                  // workers; written by the thread that holds `busy`

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool has_chunk(uint64_t word) {
  return (word & count_mask) < (word >> count_bits & count_mask);
}

/// Claims and runs chunks of whatever region is open until none is left.
static void take_chunks(bool from_end) {
  uint64_t word = atomic_load_explicit(&ticket, memory_order_acquire);
  while (has_chunk(word)) {
    uint64_t claimed = from_end ? word - (1ull << count_bits) : word + 1;
    if (!atomic_compare_exchange_weak_explicit(&ticket, &word, claimed, memory_order_acquire,
                                               memory_order_acquire))
      continue;
    uint64_t chunk = from_end ? claimed >> count_bits & count_mask : word & count_mask;
    // The region cannot end before this chunk does, so its description holds still.
    region_body(region_context, (int64_t)chunk);
    atomic_fetch_add_explicit(&finished, 1, memory_order_release);
    word = atomic_load_explicit(&ticket, memory_order_acquire);
  }
}

static void park(int32_t index) {
  pthread_mutex_lock(&mutex);
  for (;;) {
    if (index < atomic_load(&limit) - 1) {
      // Counting itself before looking again: either it sees the region or the caller sees it.
      atomic_fetch_add(&parked, 1);
      bool woken = has_chunk(atomic_load(&ticket));
      if (!woken) pthread_cond_wait(&wake, &mutex);
      atomic_fetch_sub(&parked, 1);
      if (woken || has_chunk(atomic_load(&ticket))) break;
    } else {
      pthread_cond_wait(&wake, &mutex);
    }
  }
  pthread_mutex_unlock(&mutex);
}

#if defined(__linux__) && defined(__GLIBC__)
/// Where workers may run. They begin anywhere but where their maker runs: else the two share a
/// processor until the system notices, some milliseconds later.
static cpu_set_t anywhere;

static void set_beginning(pthread_attr_t *attributes) {
  int here = sched_getcpu();
  if (started == 0) sched_getaffinity(0, sizeof(anywhere), &anywhere);
  cpu_set_t elsewhere = anywhere;
  if (here >= 0) CPU_CLR((size_t)here, &elsewhere);
  if (CPU_COUNT(&elsewhere) > 0)
    pthread_attr_setaffinity_np(attributes, sizeof(elsewhere), &elsewhere);
}

static void leave_beginning(void) { sched_setaffinity(0, sizeof(anywhere), &anywhere); }
#else
static void set_beginning(pthread_attr_t *attributes) { (void)attributes; }
static void leave_beginning(void) {}
#endif

static void *work(void *argument) {
  int32_t index = (int32_t)(intptr_t)argument;
  leave_beginning();
  int64_t since = nanoseconds();
  for (uint32_t spins = 1;; ++spins) {
    bool allowed = index < atomic_load_explicit(&limit, memory_order_relaxed) - 1;
    if (allowed && has_chunk(atomic_load_explicit(&ticket, memory_order_relaxed))) {
      take_chunks(true);
      since = nanoseconds();
    } else if (spins % 32) {
      relax();
    } else {
      // Without yielding, a spinning worker keeps the very thread it waits for off the processor.
      sched_yield();
      if (!allowed || nanoseconds() - since > spin_nanoseconds) {
        park(index);
        since = nanoseconds();
      }
    }
  }
  return NULL;
}

static void start_workers(int32_t count) {
  sigset_t all, before;
  sigfillset(&all);  // signals are for the program's own threads
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  set_beginning(&attributes);
  for (; started < count && started < max_workers; ++started) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, work, (void *)(intptr_t)started)) break;
    pthread_detach(thread);
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void bt_parallel(int64_t chunks, void (*body)(void *context, int64_t chunk), void *context) {
  int32_t threads = bt_thread_count();
  if (chunks < 2 || threads < 2 || chunks > (int64_t)count_mask ||
      atomic_exchange_explicit(&busy, true, memory_order_acquire)) {
    for (int64_t chunk = 0; chunk < chunks; ++chunk) body(context, chunk);
    return;
  }
  if (started < threads - 1) start_workers(threads - 1);
  region_body = body;
  region_context = context;
  atomic_store_explicit(&finished, 0, memory_order_relaxed);
  uint64_t generation = (atomic_load_explicit(&ticket, memory_order_relaxed) >> 2 * count_bits) + 1;
  atomic_store(&ticket, generation << 2 * count_bits | (uint64_t)chunks << count_bits);
  if (atomic_load(&parked)) {
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&mutex);
  }
  take_chunks(false);
  for (uint32_t spins = 1;
       atomic_load_explicit(&finished, memory_order_acquire) != (uint64_t)chunks; ++spins) {
    if (spins % 32) relax();
    else sched_yield();
  }
  atomic_store_explicit(&busy, false, memory_order_release);
}

static int32_t processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (!sched_getaffinity(0, sizeof(set), &set)) return CPU_COUNT(&set);
#endif
  return (int32_t)sysconf(_SC_NPROCESSORS_ONLN);
}

int32_t bt_thread_count(void) {
  int32_t count = atomic_load_explicit(&limit, memory_order_relaxed);
  if (__builtin_expect(count == 0, 0)) {
    const char *text = getenv("BACKTAPE_THREADS");
    int32_t wanted = text ? atoi(text) : 0;
    wanted = wanted > 0 ? wanted : processors();
    wanted = (int32_t)bt_max(1, bt_min(wanted, max_workers + 1));
    // If another thread set it meanwhile, that stands.
    atomic_compare_exchange_strong(&limit, &count, wanted);
    count = atomic_load(&limit);
  }
  return count;
}

void bt_set_thread_count(int32_t count) {
  pthread_mutex_lock(&mutex);
  atomic_store(&limit, (int32_t)bt_max(1, bt_min(count, max_workers + 1)));
  pthread_cond_broadcast(&wake);  // workers that were not allowed may be now
  pthread_mutex_unlock(&mutex);
}
