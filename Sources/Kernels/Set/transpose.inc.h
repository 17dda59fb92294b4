// Transposes of elements of 4 and 8 bytes, by blocks that keep a cache line of every row at hand.

typedef uint32_t word4 __attribute__((vector_size(16)));
typedef uint32_t word4u __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint64_t word2 __attribute__((vector_size(16)));
typedef uint64_t word2u __attribute__((vector_size(16), aligned(8), may_alias));

BT_INLINE void transpose_4x4(uint32_t *out, int64_t out_row, const uint32_t *in, int64_t in_row) {
  word4 a = *(const word4u *)in, b = *(const word4u *)(in + in_row);
  word4 c = *(const word4u *)(in + 2 * in_row), d = *(const word4u *)(in + 3 * in_row);
  word4 ab01 = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  word4 cd01 = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  word4 ab23 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  word4 cd23 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(word4u *)out = __builtin_shufflevector(ab01, cd01, 0, 1, 4, 5);
  *(word4u *)(out + out_row) = __builtin_shufflevector(ab01, cd01, 2, 3, 6, 7);
  *(word4u *)(out + 2 * out_row) = __builtin_shufflevector(ab23, cd23, 0, 1, 4, 5);
  *(word4u *)(out + 3 * out_row) = __builtin_shufflevector(ab23, cd23, 2, 3, 6, 7);
}

BT_INLINE void transpose_2x2(uint64_t *out, int64_t out_row, const uint64_t *in, int64_t in_row) {
  word2 a = *(const word2u *)in, b = *(const word2u *)(in + in_row);
  *(word2u *)out = __builtin_shufflevector(a, b, 0, 2);
  *(word2u *)(out + out_row) = __builtin_shufflevector(a, b, 1, 3);
}

/// Few of the rows that are walked together are followed by the processor itself.
enum { lines_ahead = 4 };

#define BT_TRANSPOSE(name, T, step, step_block, line)                                            \
  static void name(int64_t rows, int64_t columns, void *result, int64_t out_row,                 \
                   const void *source, int64_t in_row) {                                         \
    T *out = result;                                                                             \
    const T *in = source;                                                                        \
    for (int64_t i0 = 0; i0 < rows; i0 += line) {                                                \
      int64_t end_i = bt_min(i0 + line, rows), whole_i = end_i - (end_i - i0) % step;            \
      int64_t whole_j = columns - columns % step;                                                \
      for (int64_t j = 0; j < whole_j; j += step) {                                              \
        for (int64_t q = j; q < j + step; ++q)                                                   \
          __builtin_prefetch(in + q * in_row + i0 + lines_ahead * line);                         \
        for (int64_t i = i0; i < whole_i; i += step)                                             \
          step_block(out + i * out_row + j, out_row, in + j * in_row + i, in_row);               \
        for (int64_t i = whole_i; i < end_i; ++i)                                                \
          for (int64_t q = j; q < j + step; ++q) out[i * out_row + q] = in[q * in_row + i];      \
      }                                                                                          \
      for (int64_t j = whole_j; j < columns; ++j)                                                \
        for (int64_t i = i0; i < end_i; ++i) out[i * out_row + j] = in[j * in_row + i];          \
    }                                                                                            \
  }

BT_TRANSPOSE(transpose_words, uint32_t, 4, transpose_4x4, 16)
BT_TRANSPOSE(transpose_double_words, uint64_t, 2, transpose_2x2, 8)

/// out[i * out_row + j] = in[i * in_i + j * in_j]: packing, by blocks where lines lie along i.
#define BT_TRANSPOSE_INTO(name, T, blocks)                                                       \
  BT_INLINE void name(int64_t rows, int64_t columns, T *out, int64_t out_row, const T *in,       \
                      int64_t in_i, int64_t in_j) {                                              \
    if (in_i == 1) {                                                                             \
      blocks(rows, columns, out, out_row, in, in_j);                                             \
      return;                                                                                    \
    }                                                                                            \
    for (int64_t i = 0; i < rows; ++i)                                                           \
      for (int64_t j = 0; j < columns; ++j) out[i * out_row + j] = in[i * in_i + j * in_j];      \
  }
BT_TRANSPOSE_INTO(transpose_into_f32, float, transpose_words)
BT_TRANSPOSE_INTO(transpose_into_f64, double, transpose_double_words)
