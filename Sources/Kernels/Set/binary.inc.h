// Contiguous loops of operations of two operands; either may be one repeated element.

#define BT_BINARY_LOOP(name, T, R, expression, vectorize)                                        \
  static void name(int64_t n, void *out, const void *left, const void *right,                    \
                   bt_layout layout) {                                                           \
    R *z = out;                                                                                  \
    const T *a = left, *b = right;                                                               \
    if (layout == bt_both_vary) {                                                                \
      vectorize for (int64_t i = 0; i < n; ++i) {                                                \
        T x = a[i], y = b[i];                                                                    \
        z[i] = (R)(expression);                                                                  \
      }                                                                                          \
    } else if (layout == bt_left_constant) {                                                     \
      T x = *a;                                                                                  \
      vectorize for (int64_t i = 0; i < n; ++i) {                                                \
        T y = b[i];                                                                              \
        z[i] = (R)(expression);                                                                  \
      }                                                                                          \
    } else {                                                                                     \
      T y = *b;                                                                                  \
      vectorize for (int64_t i = 0; i < n; ++i) {                                                \
        T x = a[i];                                                                              \
        z[i] = (R)(expression);                                                                  \
      }                                                                                          \
    }                                                                                            \
  }
#define BT_BINARY(name, T, expression)                                                           \
  BT_BINARY_LOOP(name##_##T, T, T, expression, BT_VECTORIZE)
#define BT_BINARY_SCALAR(name, T, expression) BT_BINARY_LOOP(name##_##T, T, T, expression, )
#define BT_BINARY_NUMERIC(name, int_expression, float_expression)                                \
  BT_BINARY(name, uint8_t, int_expression(uint32_t))                                             \
  BT_BINARY(name, int32_t, int_expression(uint32_t))                                             \
  BT_BINARY(name, int64_t, int_expression(uint64_t))                                             \
  BT_BINARY(name, float, float_expression)                                                       \
  BT_BINARY(name, double, float_expression)

#define BT_SUM(U) (U)x + (U)y
#define BT_DIFFERENCE(U) (U)x - (U)y
#define BT_PRODUCT(U) (U)x *(U)y
#define BT_GREATER(U) x > y ? x : y
#define BT_LESSER(U) x < y ? x : y
BT_BINARY_NUMERIC(add, BT_SUM, x + y)
BT_BINARY_NUMERIC(subtract, BT_DIFFERENCE, x - y)
BT_BINARY_NUMERIC(multiply, BT_PRODUCT, x *y)
// A NaN in y fails the comparison and is taken; one in x is asked for.
BT_BINARY_NUMERIC(maximum, BT_GREATER, ((x > y) | (x != x)) ? x : y)
BT_BINARY_NUMERIC(minimum, BT_LESSER, ((x < y) | (x != x)) ? x : y)

// MARK: division (the caller has looked for zeros among integer divisors)

// The least integer by -1 does not fit: as a negation it wraps to itself.
BT_BINARY_SCALAR(divide, uint8_t, x / y)
BT_BINARY_SCALAR(divide, int32_t, y == -1 ? (int32_t)(0u - (uint32_t)x) : x / y)
BT_BINARY_SCALAR(divide, int64_t, y == -1 ? (int64_t)(0ull - (uint64_t)x) : x / y)
BT_BINARY(divide, float, x / y)
BT_BINARY(divide, double, x / y)

#define BT_REMAINDER_INTEGER(T)                                                                  \
  BT_INLINE T remainder_of_##T(T x, T y) {                                                       \
    T r = y == -1 ? 0 : x % y;                                                                   \
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;                                             \
  }
BT_REMAINDER_INTEGER(int32_t)
BT_REMAINDER_INTEGER(int64_t)
/// Python's float modulo: the divisor's sign, also on a zero.
#define BT_REMAINDER_FLOATING(T, mod, copysign)                                                  \
  BT_INLINE T remainder_of_##T(T x, T y) {                                                       \
    T r = mod(x, y);                                                                             \
    if (r == 0) return copysign(0, y);                                                           \
    return (r < 0) != (y < 0) ? r + y : r;                                                       \
  }
BT_REMAINDER_FLOATING(float, fmodf, copysignf)
BT_REMAINDER_FLOATING(double, fmod, copysign)
BT_BINARY_SCALAR(remainder, uint8_t, x % y)
BT_BINARY_SCALAR(remainder, int32_t, remainder_of_int32_t(x, y))
BT_BINARY_SCALAR(remainder, int64_t, remainder_of_int64_t(x, y))
BT_BINARY_SCALAR(remainder, float, remainder_of_float(x, y))
BT_BINARY_SCALAR(remainder, double, remainder_of_double(x, y))

// MARK: power

/// By repeated squaring, wrapping. A negative exponent leaves only what 1 and -1 have as inverses.
BT_INLINE uint64_t power_of_integer(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (uint64_t)(y & 1 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (uint64_t base = (uint64_t)x; y; y >>= 1, base *= base)
    if (y & 1) result *= base;
  return result;
}
BT_BINARY_SCALAR(power, uint8_t, power_of_integer(x, y))
BT_BINARY_SCALAR(power, int32_t, power_of_integer(x, y))
BT_BINARY_SCALAR(power, int64_t, power_of_integer(x, y))
// pow is within 1 ulp; squares are the common case and exact to rounding.
BT_BINARY_SCALAR(power, float, y == 2 ? x * x : (float)pow((double)x, (double)y))
BT_BINARY_SCALAR(power, double, y == 2 ? x * x : pow(x, y))
BT_BINARY_SCALAR(atan2, float, (float)atan2((double)x, (double)y))
BT_BINARY_SCALAR(atan2, double, atan2(x, y))

// MARK: comparison and logic

#define BT_COMPARE(name, T, expression)                                                          \
  BT_BINARY_LOOP(name##_##T, T, uint8_t, expression, BT_VECTORIZE)
#define BT_COMPARISON(name, operator)                                                            \
  BT_COMPARE(name, uint8_t, x operator y)                                                        \
  BT_COMPARE(name, int32_t, x operator y)                                                        \
  BT_COMPARE(name, int64_t, x operator y)                                                        \
  BT_COMPARE(name, float, x operator y)                                                          \
  BT_COMPARE(name, double, x operator y)
BT_COMPARISON(equal, ==)
BT_COMPARISON(not_equal, !=)
BT_COMPARISON(less, <)
BT_COMPARISON(less_equal, <=)

BT_BINARY(and, uint8_t, x & y)
BT_BINARY(or, uint8_t, x | y)
BT_BINARY(xor, uint8_t, x ^ y)

/// Numbers of every type, and what stands for the operation on bool.
#define BT_AND_BOOL(name, bool_loop)                                                             \
  {                                                                                              \
    [bt_bool] = bool_loop, [bt_uint8] = name##_uint8_t, [bt_int32] = name##_int32_t,             \
    [bt_int64] = name##_int64_t, [bt_float32] = name##_float, [bt_float64] = name##_double       \
  }

#define BT_BINARY_TABLE                                                                          \
  {                                                                                              \
    [bt_add] = BT_AND_BOOL(add, or_uint8_t), [bt_subtract] = BT_NUMERIC(subtract),               \
    [bt_multiply] = BT_AND_BOOL(multiply, and_uint8_t), [bt_divide] = BT_NUMERIC(divide),        \
    [bt_power] = BT_NUMERIC(power), [bt_maximum] = BT_AND_BOOL(maximum, or_uint8_t),             \
    [bt_minimum] = BT_AND_BOOL(minimum, and_uint8_t), [bt_remainder] = BT_NUMERIC(remainder),    \
    [bt_atan2] = BT_FLOATING(atan2), [bt_equal] = BT_AND_BOOL(equal, equal_uint8_t),             \
    [bt_not_equal] = BT_AND_BOOL(not_equal, not_equal_uint8_t),                                  \
    [bt_less] = BT_AND_BOOL(less, less_uint8_t),                                                 \
    [bt_less_equal] = BT_AND_BOOL(less_equal, less_equal_uint8_t),                               \
    [bt_and] = {[bt_bool] = and_uint8_t}, [bt_or] = {[bt_bool] = or_uint8_t},                    \
    [bt_xor] = {[bt_bool] = xor_uint8_t}                                                         \
  }
