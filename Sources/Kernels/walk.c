#include "walk.h"

#include <stdlib.h>

void bt_walk_plan(bt_walk *walk, int32_t operands, int32_t rank, const int64_t *extents,
                  const int64_t *const *strides) {
  int32_t order[BT_MAX_RANK], kept = 0;
  walk->operands = operands;
  walk->count = 1;
  for (int32_t axis = rank - 1; axis >= 0; --axis) {
    walk->count *= extents[axis];
    if (extents[axis] == 1) continue;
    // Insertion sort by the first operand's stride; equal strides keep the later axis inside.
    int32_t place = kept++;
    int64_t stride = llabs(strides[0][axis]);
    for (; place > 0 && llabs(strides[0][order[place - 1]]) > stride; --place)
      order[place] = order[place - 1];
    order[place] = axis;
  }
  walk->rank = 0;
  for (int32_t i = 0; i < kept; ++i) {
    int32_t axis = order[i], last = walk->rank - 1;
    bool joins = last >= 0;
    for (int32_t operand = 0; joins && operand < operands; ++operand)
      joins = strides[operand][axis] == walk->strides[operand][last] * walk->extents[last];
    if (joins) {
      walk->extents[last] *= extents[axis];
      continue;
    }
    walk->extents[walk->rank] = extents[axis];
    for (int32_t operand = 0; operand < operands; ++operand)
      walk->strides[operand][walk->rank] = strides[operand][axis];
    walk->rank += 1;
  }
  if (walk->rank) return;
  walk->rank = 1;
  walk->extents[0] = 1;
  for (int32_t operand = 0; operand < operands; ++operand) walk->strides[operand][0] = 1;
}

#define COPY_BLOCK(T)                                                                            \
  static void copy_block_##T(int64_t rows, int64_t columns, T *out, int64_t out_row,             \
                             int64_t out_column, const T *in, int64_t in_row,                    \
                             int64_t in_column) {                                                \
    for (int64_t i = 0; i < rows; ++i, out += out_row, in += in_row) {                           \
      if (out_column == 1 && in_column == 1) {                                                   \
        _Pragma("clang loop vectorize(assume_safety)")                                           \
        for (int64_t j = 0; j < columns; ++j) out[j] = in[j];                                    \
      } else if (out_column == 1 && in_column == 0) {                                            \
        T value = *in;                                                                           \
        for (int64_t j = 0; j < columns; ++j) out[j] = value;                                    \
      } else {                                                                                   \
        for (int64_t j = 0; j < columns; ++j) out[j * out_column] = in[j * in_column];           \
      }                                                                                          \
    }                                                                                            \
  }

COPY_BLOCK(uint8_t)
COPY_BLOCK(uint16_t)
COPY_BLOCK(uint32_t)
COPY_BLOCK(uint64_t)

void bt_copy_block(size_t size, int64_t rows, int64_t columns, void *out, int64_t out_row,
                   int64_t out_column, const void *in, int64_t in_row, int64_t in_column) {
#define CASE(bytes, T)                                                                           \
  case bytes: copy_block_##T(rows, columns, out, out_row, out_column, in, in_row, in_column); break;
  switch (size) {
    CASE(1, uint8_t)
    CASE(2, uint16_t)
    CASE(4, uint32_t)
    CASE(8, uint64_t)
  }
#undef CASE
}
