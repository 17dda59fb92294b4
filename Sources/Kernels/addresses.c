#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "BacktapeAddresses.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#if defined(__GLIBC__) || defined(__APPLE__)
#include <execinfo.h>
#define BT_HAS_BACKTRACE 1
#endif

int32_t bt_return_addresses(void **addresses, int32_t capacity) {
#ifdef BT_HAS_BACKTRACE
  return backtrace(addresses, capacity);
#else
  (void)addresses, (void)capacity;
  return 0;
#endif
}

bt_code_place bt_locate_code(const void *address) {
  bt_code_place place = {0};
  Dl_info info;
  if (!dladdr(address, &info)) return place;
  place.module = info.dli_fname;
  place.offset = (uint64_t)((const char *)address - (const char *)info.dli_fbase);
  if (info.dli_sname) {
    place.symbol = info.dli_sname;
    place.symbol_offset = (uint64_t)((const char *)address - (const char *)info.dli_saddr);
  }
  return place;
}

/// Of Swift's runtime, where there is one.
#ifdef __APPLE__
__attribute__((weak_import))
#else
__attribute__((weak))
#endif
char *swift_demangle(const char *name, size_t length, char *buffer, size_t *buffer_length,
                     uint32_t flags);

char *bt_demangled(const char *symbol) {
  return swift_demangle ? swift_demangle(symbol, strlen(symbol), NULL, NULL, 0) : NULL;
}
