// Vector types of the instruction set being instantiated, and loads of part of a vector.
// BT_FLOATS and BT_DOUBLES are the lanes of a vector; a scalar set has vectors of one lane.

#define BT_INLINE static inline __attribute__((always_inline))
#define BT_UNROLL _Pragma("clang loop unroll(full)")
// Operands are the same memory or none of each other's: no loop carries anything to the next round.
#define BT_VECTORIZE _Pragma("clang loop vectorize(assume_safety)")

typedef float f32v __attribute__((vector_size(BT_FLOATS * 4)));
typedef int32_t i32v __attribute__((vector_size(BT_FLOATS * 4)));
typedef float f32u __attribute__((vector_size(BT_FLOATS * 4), aligned(4), may_alias));
typedef double f64v __attribute__((vector_size(BT_DOUBLES * 8)));
typedef int64_t i64v __attribute__((vector_size(BT_DOUBLES * 8)));
typedef uint64_t u64v __attribute__((vector_size(BT_DOUBLES * 8)));
typedef double f64u __attribute__((vector_size(BT_DOUBLES * 8), aligned(8), may_alias));

#if BT_HAS_FMA
#define BT_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define BT_FMA(a, b, c) ((a) * (b) + (c))
#endif

BT_INLINE f32v splat_f32(float x) { return x - (f32v){0}; }
BT_INLINE f64v splat_f64(double x) { return x - (f64v){0}; }
BT_INLINE f32v load_f32(const float *p) { return *(const f32u *)p; }
BT_INLINE f64v load_f64(const double *p) { return *(const f64u *)p; }
BT_INLINE void store_f32(float *p, f32v v) { *(f32u *)p = v; }
BT_INLINE void store_f64(double *p, f64v v) { *(f64u *)p = v; }

/// Lanes of a where the mask is set, else of b.
BT_INLINE f32v blend_f32(i32v mask, f32v a, f32v b) {
  return (f32v)(((i32v)a & mask) | ((i32v)b & ~mask));
}
BT_INLINE f64v blend_f64(i64v mask, f64v a, f64v b) {
  return (f64v)(((i64v)a & mask) | ((i64v)b & ~mask));
}

/// Every lane i exchanged with lane i ^ half; a vector of one lane as it is.
#define BT_SWAP_16(x, h)                                                                       \
  __builtin_shufflevector(x, x, 0 ^ h, 1 ^ h, 2 ^ h, 3 ^ h, 4 ^ h, 5 ^ h, 6 ^ h, 7 ^ h, 8 ^ h, \
                          9 ^ h, 10 ^ h, 11 ^ h, 12 ^ h, 13 ^ h, 14 ^ h, 15 ^ h)
#define BT_SWAP_8(x, h) \
  __builtin_shufflevector(x, x, 0 ^ h, 1 ^ h, 2 ^ h, 3 ^ h, 4 ^ h, 5 ^ h, 6 ^ h, 7 ^ h)
#define BT_SWAP_4(x, h) __builtin_shufflevector(x, x, 0 ^ h, 1 ^ h, 2 ^ h, 3 ^ h)
#define BT_SWAP_2(x, h) __builtin_shufflevector(x, x, 0 ^ h, 1 ^ h)
/// The lanes of v joined in halves, and so on; the result is in all of them.
#define BT_FOLD_16(v, f) v = f(v, BT_SWAP_16(v, 8)); v = f(v, BT_SWAP_16(v, 4)); \
  v = f(v, BT_SWAP_16(v, 2)); v = f(v, BT_SWAP_16(v, 1));
#define BT_FOLD_8(v, f) v = f(v, BT_SWAP_8(v, 4)); v = f(v, BT_SWAP_8(v, 2)); \
  v = f(v, BT_SWAP_8(v, 1));
#define BT_FOLD_4(v, f) v = f(v, BT_SWAP_4(v, 2)); v = f(v, BT_SWAP_4(v, 1));
#define BT_FOLD_2(v, f) v = f(v, BT_SWAP_2(v, 1));
#define BT_FOLD_1(v, f)
#define BT_FOLD_AS(lanes, v, f) BT_FOLD_##lanes(v, f)
#define BT_FOLD_LANES(lanes, v, f) BT_FOLD_AS(lanes, v, f)

// MARK: the first `count` lanes, 0 <= count <= lanes; the others read as 0 and are not written

#if defined(BT_MASKS_AVX512)

typedef __mmask16 mask_f32;
typedef __mmask8 mask_f64;
BT_INLINE mask_f32 first_f32(int64_t count) { return (mask_f32)(0xffffu >> (16 - count)); }
BT_INLINE mask_f64 first_f64(int64_t count) { return (mask_f64)(0xffu >> (8 - count)); }
BT_INLINE f32v load_part_f32(const float *p, mask_f32 m) { return _mm512_maskz_loadu_ps(m, p); }
BT_INLINE f64v load_part_f64(const double *p, mask_f64 m) { return _mm512_maskz_loadu_pd(m, p); }
BT_INLINE void store_part_f32(float *p, mask_f32 m, f32v v) { _mm512_mask_storeu_ps(p, m, v); }
BT_INLINE void store_part_f64(double *p, mask_f64 m, f64v v) { _mm512_mask_storeu_pd(p, m, v); }
BT_INLINE f32v keep_part_f32(f32v v, mask_f32 m, f32v others) {
  return _mm512_mask_blend_ps(m, others, v);
}
BT_INLINE f64v keep_part_f64(f64v v, mask_f64 m, f64v others) {
  return _mm512_mask_blend_pd(m, others, v);
}

#elif defined(BT_MASKS_AVX2)

typedef __m256i mask_f32;
typedef __m256i mask_f64;
BT_INLINE mask_f32 first_f32(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
BT_INLINE mask_f64 first_f64(int64_t count) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
}
BT_INLINE f32v load_part_f32(const float *p, mask_f32 m) { return _mm256_maskload_ps(p, m); }
BT_INLINE f64v load_part_f64(const double *p, mask_f64 m) { return _mm256_maskload_pd(p, m); }
BT_INLINE void store_part_f32(float *p, mask_f32 m, f32v v) { _mm256_maskstore_ps(p, m, v); }
BT_INLINE void store_part_f64(double *p, mask_f64 m, f64v v) { _mm256_maskstore_pd(p, m, v); }
BT_INLINE f32v keep_part_f32(f32v v, mask_f32 m, f32v others) {
  return blend_f32((i32v)m, v, others);
}
BT_INLINE f64v keep_part_f64(f64v v, mask_f64 m, f64v others) {
  return blend_f64((i64v)m, v, others);
}

#else  // a loop over at most three lanes, well predicted

typedef int64_t mask_f32;
typedef int64_t mask_f64;
BT_INLINE mask_f32 first_f32(int64_t count) { return count; }
BT_INLINE mask_f64 first_f64(int64_t count) { return count; }
BT_INLINE f32v load_part_f32(const float *p, mask_f32 m) {
  f32v v = {0};
  BT_UNROLL for (int i = 0; i < BT_FLOATS; ++i) if (i < m) v[i] = p[i];
  return v;
}
BT_INLINE f64v load_part_f64(const double *p, mask_f64 m) {
  f64v v = {0};
  BT_UNROLL for (int i = 0; i < BT_DOUBLES; ++i) if (i < m) v[i] = p[i];
  return v;
}
BT_INLINE void store_part_f32(float *p, mask_f32 m, f32v v) {
  BT_UNROLL for (int i = 0; i < BT_FLOATS; ++i) if (i < m) p[i] = v[i];
}
BT_INLINE void store_part_f64(double *p, mask_f64 m, f64v v) {
  BT_UNROLL for (int i = 0; i < BT_DOUBLES; ++i) if (i < m) p[i] = v[i];
}
BT_INLINE f32v keep_part_f32(f32v v, mask_f32 m, f32v others) {
  BT_UNROLL for (int i = 0; i < BT_FLOATS; ++i) v[i] = i < m ? v[i] : others[i];
  return v;
}
BT_INLINE f64v keep_part_f64(f64v v, mask_f64 m, f64v others) {
  BT_UNROLL for (int i = 0; i < BT_DOUBLES; ++i) v[i] = i < m ? v[i] : others[i];
  return v;
}

#endif

// MARK: the first `count` bools as 0 or 1, 0 <= count <= lanes, the others as 0; and back

typedef uint8_t u8x32 __attribute__((vector_size(BT_FLOATS), aligned(1), may_alias));
typedef uint8_t u8x64 __attribute__((vector_size(BT_DOUBLES), aligned(1), may_alias));

#if defined(BT_MASKS_AVX512)
#define BT_LOAD_BYTES(bytes, p, count, lanes)                                        \
  {                                                                                  \
    __m128i all = _mm_maskz_loadu_epi8((__mmask16)(0xffffu >> (16 - (count))), p);   \
    memcpy(&bytes, &all, sizeof(bytes));                                             \
  }
#define BT_STORE_BYTES(p, count, bytes, lanes)                                       \
  {                                                                                  \
    __m128i all = _mm_setzero_si128();                                               \
    memcpy(&all, &bytes, sizeof(bytes));                                             \
    _mm_mask_storeu_epi8(p, (__mmask16)(0xffffu >> (16 - (count))), all);            \
  }
#else
#define BT_LOAD_BYTES(bytes, p, count, lanes)                                        \
  if (count == lanes) memcpy(&bytes, p, lanes);                                      \
  else BT_UNROLL for (int i = 0; i < lanes; ++i) bytes[i] = i < count ? (uint8_t)p[i] : 0;
#define BT_STORE_BYTES(p, count, bytes, lanes)                                       \
  if (count == lanes) memcpy(p, &bytes, lanes);                                      \
  else BT_UNROLL for (int i = 0; i < lanes; ++i) if (i < count) p[i] = (char)bytes[i];
#endif
#define BT_BOOLS(name, V, I, B, lanes)                                               \
  BT_INLINE V load_bools_##name(const char *p, int64_t count) {                      \
    B bytes = {0};                                                                   \
    BT_LOAD_BYTES(bytes, p, count, lanes)                                            \
    return __builtin_convertvector(bytes, V);                                        \
  }                                                                                  \
  BT_INLINE void store_bools_##name(char *p, int64_t count, V v) {                   \
    B bytes = __builtin_convertvector((v != 0) & 1, B);                              \
    BT_STORE_BYTES(p, count, bytes, lanes)                                           \
  }
BT_BOOLS(f32, f32v, i32v, u8x32, BT_FLOATS)
BT_BOOLS(f64, f64v, i64v, u8x64, BT_DOUBLES)
#undef BT_LOAD_BYTES
#undef BT_STORE_BYTES
#undef BT_BOOLS
