#include <pthread.h>
#include <stdlib.h>

#include "internal.h"

typedef struct {
  void *memory;
  size_t bytes;
} slot_memory;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void release(void *pointer) {
  slot_memory *slots = pointer;
  for (int i = 0; i < bt_scratch_slots; ++i) free(slots[i].memory);
  free(slots);
}

static void make_key(void) { has_key = pthread_key_create(&key, release) == 0; }

void *bt_scratch(bt_scratch_slot slot, size_t bytes) {
  static _Thread_local slot_memory *slots;
  if (!slots) {
    pthread_once(&once, make_key);
    slots = has_key ? calloc(bt_scratch_slots, sizeof(*slots)) : NULL;
    if (!slots) return NULL;
    pthread_setspecific(key, slots);  // for its destructor alone: the variable is faster to read
  }
  slot_memory *memory = &slots[slot];
  if (memory->bytes < bytes) {
    free(memory->memory);
    memory->memory = NULL;
    memory->bytes = 0;
    // A quarter more, so that slowly growing demands do not allocate every time.
    size_t wanted = (bytes + bytes / 4 + 63) & ~(size_t)63;
    if (posix_memalign(&memory->memory, 64, wanted)) {
      memory->memory = NULL;
      return NULL;
    }
    memory->bytes = wanted;
  }
  return memory->memory;
}
