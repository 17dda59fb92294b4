// The machine of tile programs: BT_RUN, with N vectors of T as accumulator. BT_PARTIAL says whether
// the last tile may be less than full. The vectors are locals of one function with a plain switch:
// passed between functions under a target attribute they would travel through memory.

#define EACH BT_UNROLL for (int q = 0; q < N; ++q)
#define ONE BT_T(splat)(1)

#if !BT_PARTIAL
#define AT(p, q) BT_T(load)((const T *)(p) + (q) * L)
#define PUT(p, q, v) BT_T(store)((T *)(p) + (q) * L, v)
#elif defined(BT_MASKS_AVX512)
#define AT(p, q) BT_T(load_part)((const T *)(p) + (q) * L, part[q])
#define PUT(p, q, v) BT_T(store_part)((T *)(p) + (q) * L, part[q], v)
#else
// Without masks that cost nothing: whole vectors while there are some.
#define AT(p, q) \
  (whole ? BT_T(load)((const T *)(p) + (q) * L) : BT_T(load_part)((const T *)(p) + (q) * L, part[q]))
#define PUT(p, q, v)                                        \
  if (whole) BT_T(store)((T *)(p) + (q) * L, v);            \
  else BT_T(store_part)((T *)(p) + (q) * L, part[q], v)
#endif

/// A step on every vector, where x is its operand.
#define FOR_VECTOR(...)      \
  {                          \
    EACH {                   \
      V x = AT(p, q);        \
      a[q] = __VA_ARGS__;    \
    }                        \
    break;                   \
  }
#define FOR_SPLAT(...)                   \
  {                                      \
    V x = BT_T(splat)(*(const T *)p);    \
    EACH a[q] = __VA_ARGS__;             \
    break;                               \
  }
#define UNARY(operation, ...)        \
  case bt_code_unary + operation: {  \
    EACH {                           \
      V x = a[q];                    \
      a[q] = __VA_ARGS__;            \
    }                                \
    break;                           \
  }
/// Functions of many instructions: two vectors at a time, through memory.
#define FUNCTION(operation, function)                                               \
  case bt_code_unary + operation: {                                                 \
    EACH BT_T(store)(buffers[0] + q * L, a[q]);                                     \
    _Pragma("clang loop unroll(disable)") for (int q = 0; q < N * L; q += 2 * L) {  \
      V x = BT_T(load)(buffers[0] + q), y = BT_T(load)(buffers[0] + q + L);         \
      BT_T(store)(buffers[0] + q, BT_T(function)(x));                               \
      BT_T(store)(buffers[0] + q + L, BT_T(function)(y));                           \
    }                                                                               \
    EACH a[q] = BT_T(load)(buffers[0] + q * L);                                     \
    break;                                                                          \
  }
#define BINARY_AT(base, operation, ...)                            \
  case base + 2 * operation: FOR_VECTOR(__VA_ARGS__)               \
  case base + 2 * operation + bt_code_splat: FOR_SPLAT(__VA_ARGS__)
#define BINARY(operation, ...) BINARY_AT(bt_code_binary, operation, __VA_ARGS__)
#define REVERSED(operation, ...) BINARY_AT(bt_code_reversed, operation, __VA_ARGS__)
#define TRUTH(...) (V)((__VA_ARGS__) & (I)ONE)
#define BITS(operator) (V)((I)a[q] operator(I) x)

static void BT_RUN(bt_machine *machine, const bt_step *steps, const bt_step *steps_end,
                   int64_t column, int64_t end) {
  enum { width = N * L };
  _Alignas(64) T buffers[3][width];
  const bt_location *locations = machine->locations;
  V a[N];
  EACH a[q] = (V){0};
  do {
    int64_t offset = column * (int64_t)sizeof(T);
#if BT_PARTIAL
    int64_t count = bt_min(end - column, width);
    bool whole = count == width;
    (void)whole;
    BT_T(mask) part[N];
    EACH part[q] = BT_T(first)(bt_max(0, bt_min(count - q * L, L)));
#else
    enum { count = width };
#endif
    for (const bt_step *step = steps; step != steps_end; ++step) {
      const bt_location *where = &locations[step->x];
      char *p = where->address + (offset & where->mask);
      const char *other = NULL;
      uint8_t code = step->code;
    again:
      switch (code) {
        case bt_code_load: FOR_VECTOR(x)
        case bt_code_load + bt_code_splat: FOR_SPLAT(x)
        case bt_code_store: EACH { PUT(p, q, a[q]); } break;
        case bt_code_keep: EACH BT_T(store)((T *)p + q * L, a[q]); break;
        case bt_code_store_bool:
          EACH BT_T(store)(buffers[0] + q * L, a[q]);
          BT_SET.cast[bt_bool][BT_DTYPE](count, where->address + (column & where->mask),
                                         buffers[0]);
          break;
        case bt_code_store_one: *(T *)p = a[0][0]; break;
        case bt_code_store_one_bool: *(uint8_t *)p = a[0][0] != 0; break;

        UNARY(bt_negate, -x)
        UNARY(bt_abs, (V)((I)x & ~(I)BT_T(splat)(-0.0)))
        UNARY(bt_sign,
              BT_T(blend)(x != x, x, (V)(((x > 0) & (I)ONE) | ((x < 0) & (I)-ONE))))
        UNARY(bt_not, TRUTH(x == 0))
        UNARY(bt_sqrt, __builtin_elementwise_sqrt(x))
        UNARY(bt_rsqrt, 1 / __builtin_elementwise_sqrt(x))
#if BT_HAS_ROUND
        UNARY(bt_floor, __builtin_elementwise_floor(x))
        UNARY(bt_ceil, __builtin_elementwise_ceil(x))
        UNARY(bt_round, __builtin_elementwise_roundeven(x))
#else
        case bt_code_unary + bt_floor: case bt_code_unary + bt_ceil: case bt_code_unary + bt_round:
#endif
        case bt_code_unary + bt_expm1: case bt_code_unary + bt_log1p: case bt_code_unary + bt_sin:
        case bt_code_unary + bt_cos: case bt_code_unary + bt_tan: case bt_code_unary + bt_erf:
          EACH BT_T(store)(buffers[0] + q * L, a[q]);
          BT_SET.unary[code - bt_code_unary][BT_DTYPE](count, buffers[0], buffers[0]);
          EACH a[q] = BT_T(load)(buffers[0] + q * L);
          break;
        FUNCTION(bt_exp, exp)
        FUNCTION(bt_log, log)
        FUNCTION(bt_tanh, tanh)
        FUNCTION(bt_sigmoid, sigmoid)

        BINARY(bt_add, a[q] + x)
        BINARY(bt_subtract, a[q] - x)
        BINARY(bt_multiply, a[q] * x)
        BINARY(bt_divide, a[q] / x)
        BINARY(bt_maximum, BT_T(greater_of)(a[q], x))
        BINARY(bt_minimum, BT_T(lesser_of)(a[q], x))
        BINARY(bt_equal, TRUTH(a[q] == x))
        BINARY(bt_not_equal, TRUTH(a[q] != x))
        BINARY(bt_less, TRUTH(a[q] < x))
        BINARY(bt_less_equal, TRUTH(a[q] <= x))
        BINARY(bt_and, BITS(&))
        BINARY(bt_or, BITS(|))
        BINARY(bt_xor, BITS(^))
        REVERSED(bt_subtract, x - a[q])
        REVERSED(bt_divide, x / a[q])
        REVERSED(bt_maximum, BT_T(greater_of)(x, a[q]))
        REVERSED(bt_minimum, BT_T(lesser_of)(x, a[q]))
        REVERSED(bt_less, TRUTH(x < a[q]))
        REVERSED(bt_less_equal, TRUTH(x <= a[q]))
        default: {  // a binary operation without vectors
          bool is_reversed = code >= bt_code_reversed;
          int operation = (code - (is_reversed ? bt_code_reversed : bt_code_binary)) / 2;
          bt_layout layout = !(code & bt_code_splat) ? bt_both_vary
                             : is_reversed           ? bt_left_constant
                                                     : bt_right_constant;
          EACH BT_T(store)(buffers[1] + q * L, a[q]);
          BT_SET.binary[operation][BT_DTYPE](count, buffers[1], is_reversed ? p : (char *)buffers[1],
                                             is_reversed ? (char *)buffers[1] : p, layout);
          EACH a[q] = BT_T(load)(buffers[1] + q * L);
          break;
        }

#define OTHER (other ? other : locations[step->y].address + (offset & locations[step->y].mask))
        case bt_code_select: {
          const char *r = OTHER;
          EACH a[q] = BT_T(blend)(a[q] != 0, AT(p, q), AT(r, q));
          break;
        }
        case bt_code_select + bt_code_splat: {
          const char *r = OTHER;
          V x = BT_T(splat)(*(const T *)p);
          EACH a[q] = BT_T(blend)(a[q] != 0, x, AT(r, q));
          break;
        }
        case bt_code_select + 2: {
          V y = BT_T(splat)(*(const T *)OTHER);
          EACH a[q] = BT_T(blend)(a[q] != 0, AT(p, q), y);
          break;
        }
        case bt_code_select + 2 + bt_code_splat: {
          V x = BT_T(splat)(*(const T *)p), y = BT_T(splat)(*(const T *)OTHER);
          EACH a[q] = BT_T(blend)(a[q] != 0, x, y);
          break;
        }
        case bt_code_select_bool: case bt_code_select_bool + 1: case bt_code_select_bool + 2:
        case bt_code_select_bool + 3: {
          const bt_location *y = &locations[step->y];
          BT_SET.cast[BT_DTYPE][bt_bool](y->mask ? count : 1, buffers[1],
                                         y->address + (column & y->mask));
          other = (const char *)buffers[1];
          code -= bt_code_select_bool - bt_code_select;
          goto again;
        }

#if BT_PARTIAL
// What is not a column counts as `nothing`.
#define COLUMN(q, nothing) BT_T(blend)(is_column[q], a[q], nothing)
#define FIND_COLUMNS                                                             \
  I is_column[N];                                                                \
  EACH BT_UNROLL for (int i = 0; i < L; ++i) is_column[q][i] = q * L + i < count ? -1 : 0;
#else
#define COLUMN(q, nothing) a[q]
#define FIND_COLUMNS
#endif
// The vectors of the accumulator joined in pairs, and so on.
#define JOIN(result, nothing, function)                                 \
  V result;                                                             \
  {                                                                     \
    FIND_COLUMNS                                                        \
    V t[N];                                                             \
    EACH t[q] = COLUMN(q, nothing);                                     \
    BT_UNROLL for (int half = N / 2; half > 0; half /= 2)               \
      BT_UNROLL for (int q = 0; q < half; ++q) t[q] = function(t[q], t[q + half]); \
    result = t[0];                                                      \
  }
#define PLUS(x, y) x + y
        case bt_code_row_sum: {
          JOIN(v, (V){0}, PLUS)
          BT_T(sums) sums = column == machine->begin
                                ? BT_T(sums_of)(v)
                                : BT_T(add_to)(BT_T(load_sums)(p + bt_slot_bytes, sizeof(V)), v);
          if (column + width >= machine->end) *(T *)p = BT_T(across_sum)(sums);
          else BT_T(store_sums)(p + bt_slot_bytes, sizeof(V), sums);
          break;
        }
        case bt_code_total: {
          JOIN(v, (V){0}, PLUS)
          BT_T(store_sums)(p, sizeof(V), BT_T(add_to)(BT_T(load_sums)(p, sizeof(V)), v));
          break;
        }
        case bt_code_column_sum: {
          FIND_COLUMNS
          char *sums = where->address + (column * 8 & where->mask);
          EACH BT_T(store_sums)(
              sums + q * L * 8, machine->apart,
              BT_T(add_to)(BT_T(load_sums)(sums + q * L * 8, machine->apart), COLUMN(q, (V){0})));
          break;
        }
#define ROW_EXTREME(code, identity, join, across)                                  \
  case code: {                                                                     \
    JOIN(v, BT_T(splat)(identity), join)                                           \
    if (column != machine->begin) v = join(BT_T(load)((T *)(p + bt_slot_bytes)), v); \
    if (column + width >= machine->end) *(T *)p = across(v);                       \
    else BT_T(store)((T *)(p + bt_slot_bytes), v);                                 \
    break;                                                                         \
  }
        ROW_EXTREME(bt_code_row_max, (T)-__builtin_inf(), BT_T(greater_of), BT_T(across_max))
        ROW_EXTREME(bt_code_row_min, (T)__builtin_inf(), BT_T(lesser_of), BT_T(across_min))

        case bt_code_bool ... 255:
          BT_SET.cast[BT_DTYPE][bt_bool](where->mask ? count : 1, buffers[2],
                                         where->address + (column & where->mask));
          p = (char *)buffers[2];
          code -= bt_code_bool;
          goto again;
      }
    }
    column += width;
    if (machine->wrapped_count) bt_advance(machine, width);
  } while (column < end);
}

#undef EACH
#undef ONE
#undef AT
#undef PUT
#undef FOR_VECTOR
#undef FOR_SPLAT
#undef UNARY
#undef FUNCTION
#undef BINARY_AT
#undef BINARY
#undef REVERSED
#undef TRUTH
#undef BITS
#undef OTHER
#undef COLUMN
#undef FIND_COLUMNS
#undef JOIN
#undef PLUS
#undef ROW_EXTREME
