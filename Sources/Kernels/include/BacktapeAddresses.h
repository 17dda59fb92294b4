// Where in a program a call comes from.

#ifndef BACKTAPE_ADDRESSES_H
#define BACKTAPE_ADDRESSES_H

#include <stdint.h>

/// Writes the return addresses of the calls at work, the innermost first; answers how many. None
/// where the platform cannot tell.
int32_t bt_return_addresses(void **addresses, int32_t capacity);

/// Where an address lies. Names are null if not known; they are valid as long as the module is.
typedef struct {
  const char *module;
  uint64_t offset;  // from the module's start
  const char *symbol;
  uint64_t symbol_offset;
} bt_code_place;

bt_code_place bt_locate_code(const void *address);

/// A readable form of a Swift symbol, to be freed; null if it is none.
char *bt_demangled(const char *symbol);

#endif
