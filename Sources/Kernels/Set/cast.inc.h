// Contiguous conversions. Floating point to integer saturates and NaN becomes 0, in C rather than
// by what an instruction makes of it, so that every instruction set answers the same.

#define BT_CAST(to, To, from, From, expression)                                                  \
  static void cast_##to##_##from(int64_t n, void *out, const void *in) {                         \
    To *y = out;                                                                                 \
    const From *a = in;                                                                          \
    BT_VECTORIZE for (int64_t i = 0; i < n; ++i) {                                               \
      From x = a[i];                                                                             \
      y[i] = (To)(expression);                                                                   \
    }                                                                                            \
  }

/// `end` is the first value above the largest integer: exact in either type, unlike that integer.
#define BT_SATURATED(To, From, least, most, end)                                                 \
  x != x ? 0 : x < (From)least ? least : x >= (From)end ? most : (To)x
#define BT_SATURATE(to, To, least, most, end)                                                    \
  BT_CAST(to, To, f32, float, BT_SATURATED(To, float, least, most, end))                         \
  BT_CAST(to, To, f64, double, BT_SATURATED(To, double, least, most, end))
BT_SATURATE(u8, uint8_t, 0, UINT8_MAX, 0x1p8)
BT_SATURATE(i32, int32_t, INT32_MIN, INT32_MAX, 0x1p31)
BT_SATURATE(i64, int64_t, INT64_MIN, INT64_MAX, 0x1p63)

BT_CAST(bool, uint8_t, u8, uint8_t, x != 0)
BT_CAST(bool, uint8_t, i32, int32_t, x != 0)
BT_CAST(bool, uint8_t, i64, int64_t, x != 0)
BT_CAST(bool, uint8_t, f32, float, x != 0)
BT_CAST(bool, uint8_t, f64, double, x != 0)
BT_CAST(u8, uint8_t, u8, uint8_t, x)
BT_CAST(u8, uint8_t, i32, int32_t, x)
BT_CAST(u8, uint8_t, i64, int64_t, x)
BT_CAST(i32, int32_t, u8, uint8_t, x)
BT_CAST(i32, int32_t, i64, int64_t, x)
BT_CAST(i64, int64_t, u8, uint8_t, x)
BT_CAST(i64, int64_t, i32, int32_t, x)
BT_CAST(f32, float, u8, uint8_t, x)
BT_CAST(f32, float, i32, int32_t, x)
BT_CAST(f32, float, i64, int64_t, x)
BT_CAST(f32, float, f64, double, x)
BT_CAST(f64, double, u8, uint8_t, x)
BT_CAST(f64, double, i32, int32_t, x)
BT_CAST(f64, double, i64, int64_t, x)
BT_CAST(f64, double, f32, float, x)

// Of a type to itself the caller makes a copy; bool is a uint8 that is 0 or 1.
#define BT_CAST_TABLE                                                                            \
  {                                                                                              \
    [bt_bool] = {NULL, cast_bool_u8, cast_bool_i32, cast_bool_i64, cast_bool_f32, cast_bool_f64},\
    [bt_uint8] = {cast_u8_u8, NULL, cast_u8_i32, cast_u8_i64, cast_u8_f32, cast_u8_f64},         \
    [bt_int32] = {cast_i32_u8, cast_i32_u8, NULL, cast_i32_i64, cast_i32_f32, cast_i32_f64},     \
    [bt_int64] = {cast_i64_u8, cast_i64_u8, cast_i64_i32, NULL, cast_i64_f32, cast_i64_f64},     \
    [bt_float32] = {cast_f32_u8, cast_f32_u8, cast_f32_i32, cast_f32_i64, NULL, cast_f32_f64},   \
    [bt_float64] = {cast_f64_u8, cast_f64_u8, cast_f64_i32, cast_f64_i64, cast_f64_f32, NULL}    \
  }
