// Contiguous loops of operations of one operand.

#define BT_UNARY_LOOP(name, T, expression, vectorize)                                            \
  static void name(int64_t n, void *out, const void *in) {                                       \
    T *y = out;                                                                                  \
    const T *a = in;                                                                             \
    vectorize for (int64_t i = 0; i < n; ++i) {                                                  \
      T x = a[i];                                                                                \
      y[i] = (T)(expression);                                                                    \
    }                                                                                            \
  }
#define BT_UNARY(name, T, expression) BT_UNARY_LOOP(name##_##T, T, expression, BT_VECTORIZE)
#define BT_UNARY_LIBRARY(name, T, expression) BT_UNARY_LOOP(name##_##T, T, expression, )

BT_UNARY(negate, uint8_t, 0u - x)
BT_UNARY(negate, int32_t, 0u - (uint32_t)x)
BT_UNARY(negate, int64_t, 0ull - (uint64_t)x)
BT_UNARY(negate, float, -x)
BT_UNARY(negate, double, -x)

BT_UNARY(abs, uint8_t, x)
BT_UNARY(abs, int32_t, x < 0 ? 0u - (uint32_t)x : (uint32_t)x)
BT_UNARY(abs, int64_t, x < 0 ? 0ull - (uint64_t)x : (uint64_t)x)
BT_UNARY(abs, float, __builtin_fabsf(x))
BT_UNARY(abs, double, __builtin_fabs(x))

BT_UNARY(sign, uint8_t, x > 0)
BT_UNARY(sign, int32_t, (x > 0) - (x < 0))
BT_UNARY(sign, int64_t, (x > 0) - (x < 0))
BT_UNARY(sign, float, x != x ? x : x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f)
BT_UNARY(sign, double, x != x ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0)

BT_UNARY(not, uint8_t, x == 0)

#if BT_HAS_ROUND
BT_UNARY(floor, float, __builtin_elementwise_floor(x))
BT_UNARY(floor, double, __builtin_elementwise_floor(x))
BT_UNARY(ceil, float, __builtin_elementwise_ceil(x))
BT_UNARY(ceil, double, __builtin_elementwise_ceil(x))
BT_UNARY(round, float, __builtin_elementwise_roundeven(x))
BT_UNARY(round, double, __builtin_elementwise_roundeven(x))
#else
// Without an instruction: adding and taking away 2^23 or 2^52 rounds to even what is smaller.
BT_INLINE float even_f32(float x) {
  float a = __builtin_fabsf(x), r = a + 0x1p23f - 0x1p23f;
  return a < 0x1p23f ? __builtin_copysignf(r, x) : x;
}
BT_INLINE double even_f64(double x) {
  double a = __builtin_fabs(x), r = a + 0x1p52 - 0x1p52;
  return a < 0x1p52 ? __builtin_copysign(r, x) : x;
}
BT_INLINE float floor_f32(float x) { float r = even_f32(x); return r > x ? r - 1 : r; }
BT_INLINE double floor_f64(double x) { double r = even_f64(x); return r > x ? r - 1 : r; }
BT_INLINE float ceil_f32(float x) { float r = even_f32(x); return r < x ? r + 1 : r; }
BT_INLINE double ceil_f64(double x) { double r = even_f64(x); return r < x ? r + 1 : r; }
BT_UNARY(floor, float, floor_f32(x))
BT_UNARY(floor, double, floor_f64(x))
BT_UNARY(ceil, float, __builtin_copysignf(ceil_f32(x), x))  // -0.5 becomes -0
BT_UNARY(ceil, double, __builtin_copysign(ceil_f64(x), x))
BT_UNARY(round, float, even_f32(x))
BT_UNARY(round, double, even_f64(x))
#endif

BT_UNARY(sqrt, float, __builtin_elementwise_sqrt(x))
BT_UNARY(sqrt, double, __builtin_elementwise_sqrt(x))
BT_UNARY(rsqrt, float, 1.0f / __builtin_elementwise_sqrt(x))
BT_UNARY(rsqrt, double, 1.0 / __builtin_elementwise_sqrt(x))

BT_UNARY_LIBRARY(expm1, float, expm1f(x))
BT_UNARY_LIBRARY(expm1, double, expm1(x))
BT_UNARY_LIBRARY(log1p, float, log1pf(x))
BT_UNARY_LIBRARY(log1p, double, log1p(x))
BT_UNARY_LIBRARY(sin, float, sinf(x))
BT_UNARY_LIBRARY(sin, double, sin(x))
BT_UNARY_LIBRARY(cos, float, cosf(x))
BT_UNARY_LIBRARY(cos, double, cos(x))
BT_UNARY_LIBRARY(tan, float, tanf(x))
BT_UNARY_LIBRARY(tan, double, tan(x))
BT_UNARY_LIBRARY(erf, float, erff(x))
BT_UNARY_LIBRARY(erf, double, erf(x))
BT_UNARY_LIBRARY(erfc, float, (float)erfc((double)x))
BT_UNARY_LIBRARY(erfc, double, erfc(x))
BT_UNARY_LIBRARY(erf_inverse, float, (float)bt_erf_inverse_of((double)x))
BT_UNARY_LIBRARY(erf_inverse, double, bt_erf_inverse_of(x))
BT_UNARY_LIBRARY(lgamma, float, (float)bt_lgamma_of((double)x))
BT_UNARY_LIBRARY(lgamma, double, bt_lgamma_of(x))

// Two vectors a round, so that one's latencies hide in the other's.
#define BT_FUNCTION(name, T, suffix, lanes)                                                      \
  static void name##_##T(int64_t n, void *out, const void *in) {                                 \
    T *y = out;                                                                                  \
    const T *x = in;                                                                             \
    int64_t i = 0;                                                                               \
    for (; i + 2 * lanes <= n; i += 2 * lanes) {                                                 \
      suffix##v a = name##_##suffix(load_##suffix(x + i));                                       \
      suffix##v b = name##_##suffix(load_##suffix(x + i + lanes));                               \
      store_##suffix(y + i, a);                                                                  \
      store_##suffix(y + i + lanes, b);                                                          \
    }                                                                                            \
    for (; i < n; i += lanes) {                                                                  \
      mask_##suffix part = first_##suffix(bt_min(n - i, lanes));                                 \
      store_part_##suffix(y + i, part, name##_##suffix(load_part_##suffix(x + i, part)));        \
    }                                                                                            \
  }

BT_FUNCTION(exp, float, f32, BT_FLOATS)
BT_FUNCTION(exp, double, f64, BT_DOUBLES)
BT_FUNCTION(exp2, float, f32, BT_FLOATS)
BT_FUNCTION(exp2, double, f64, BT_DOUBLES)
BT_FUNCTION(log, float, f32, BT_FLOATS)
BT_FUNCTION(log, double, f64, BT_DOUBLES)
BT_FUNCTION(log2, float, f32, BT_FLOATS)
BT_FUNCTION(log2, double, f64, BT_DOUBLES)
BT_FUNCTION(log10, float, f32, BT_FLOATS)
BT_FUNCTION(log10, double, f64, BT_DOUBLES)
BT_FUNCTION(tanh, float, f32, BT_FLOATS)
BT_FUNCTION(tanh, double, f64, BT_DOUBLES)
BT_FUNCTION(sigmoid, float, f32, BT_FLOATS)
BT_FUNCTION(sigmoid, double, f64, BT_DOUBLES)

#define BT_FLOATING(name) {[bt_float32] = name##_float, [bt_float64] = name##_double}
#define BT_NUMERIC(name)                                                                         \
  {                                                                                              \
    [bt_uint8] = name##_uint8_t, [bt_int32] = name##_int32_t, [bt_int64] = name##_int64_t,       \
    [bt_float32] = name##_float, [bt_float64] = name##_double                                    \
  }

#define BT_UNARY_TABLE                                                                           \
  {                                                                                              \
    [bt_negate] = BT_NUMERIC(negate), [bt_abs] = BT_NUMERIC(abs), [bt_sign] = BT_NUMERIC(sign),  \
    [bt_floor] = BT_FLOATING(floor), [bt_ceil] = BT_FLOATING(ceil),                              \
    [bt_round] = BT_FLOATING(round), [bt_not] = {[bt_bool] = not_uint8_t},                       \
    [bt_exp] = BT_FLOATING(exp), [bt_expm1] = BT_FLOATING(expm1), [bt_exp2] = BT_FLOATING(exp2), \
    [bt_log] = BT_FLOATING(log), [bt_log1p] = BT_FLOATING(log1p), [bt_log2] = BT_FLOATING(log2), \
    [bt_log10] = BT_FLOATING(log10), [bt_sin] = BT_FLOATING(sin), [bt_cos] = BT_FLOATING(cos),   \
    [bt_tan] = BT_FLOATING(tan), [bt_tanh] = BT_FLOATING(tanh),                                  \
    [bt_sigmoid] = BT_FLOATING(sigmoid), [bt_erf] = BT_FLOATING(erf),                            \
    [bt_erfc] = BT_FLOATING(erfc), [bt_erf_inverse] = BT_FLOATING(erf_inverse),                  \
    [bt_lgamma] = BT_FLOATING(lgamma), [bt_sqrt] = BT_FLOATING(sqrt),                            \
    [bt_rsqrt] = BT_FLOATING(rsqrt)                                                              \
  }
