// The machine of tile programs: BT_RUN, with N vectors of T as accumulator. BT_PARTIAL says whether
// the last tile may be less than full; with BT_PACKED a tile is several rows and every vector of an
// operand lies where a table says. The vectors are locals of one function with a plain switch:
// passed between functions under a target attribute they would travel through memory.

#define EACH BT_UNROLL for (int q = 0; q < N; ++q)
#define ONE BT_T(splat)(1)

/// Vector q of an operand at p.
#if BT_PACKED
#define PLACE(p, q) ((T *)((p) + p##_offsets[q]))
#else
#define PLACE(p, q) ((T *)(p) + (q) * L)
#endif
#if !BT_PARTIAL
#define AT(p, q) BT_T(load)(PLACE(p, q))
#define PUT(p, q, v) BT_T(store)(PLACE(p, q), v)
#else
#if BT_PACKED
#define COUNT(q) counts[q]
#else
#define COUNT(q) (count - (q) * L)
#endif
#if defined(BT_MASKS_AVX512)
#define AT(p, q) BT_T(load_part)(PLACE(p, q), part[q])
#else
// Without masks that cost nothing: whole vectors while there are some.
#define AT(p, q) \
  (COUNT(q) >= L ? BT_T(load)(PLACE(p, q)) : BT_T(load_part)(PLACE(p, q), part[q]))
#endif
// What a mask has stored cannot be loaded at once: whole vectors here, too.
#define PUT(p, q, v)                                \
  if (COUNT(q) >= L) BT_T(store)(PLACE(p, q), v);   \
  else BT_T(store_part)(PLACE(p, q), part[q], v)
#endif
/// An operand that is one element: of all vectors, or packed of each.
#if BT_PACKED
#define SPLAT_AT(p, q) BT_T(splat)(*PLACE(p, q))
#define FOR_SPLAT(...)       \
  {                          \
    EACH {                   \
      V x = SPLAT_AT(p, q);  \
      a[q] = __VA_ARGS__;    \
    }                        \
    break;                   \
  }
#else
#define SPLAT_AT(p, q) BT_T(splat)(*(const T *)(p))
#define FOR_SPLAT(...)                 \
  {                                    \
    V x = BT_T(splat)(*(const T *)p);  \
    EACH a[q] = __VA_ARGS__;           \
    break;                             \
  }
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
#define UNARY(operation, ...)        \
  case bt_code_unary + operation: {  \
    EACH {                           \
      V x = a[q];                    \
      a[q] = __VA_ARGS__;            \
    }                                \
    break;                           \
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
  const bt_program_operand *operands = machine->operands;
  V a[N];
  EACH a[q] = (V){0};
#if BT_PACKED
  enum { count = width, offset = 0 };
  const int64_t *counts = machine->counts;
  BT_T(mask) part[N];
  EACH part[q] = BT_T(first)(counts[q]);
#endif
  do {
#if !BT_PACKED
    int64_t offset = column * (int64_t)sizeof(T);
#endif
#if BT_PARTIAL && !BT_PACKED
    int64_t count = bt_min(end - column, width);
    BT_T(mask) part[N];
    EACH part[q] = BT_T(first)(bt_max(0, bt_min(count - q * L, L)));
#elif !BT_PARTIAL
    enum { count = width };
#endif
    for (const bt_step *step = steps; step != steps_end; ++step) {
      const bt_program_operand *where = &operands[step->x];
#if BT_PACKED
      char *p = where->address;
      const int64_t *p_offsets = where->offsets + (column * 8 & where->mask);
#else
      char *p = where->address + (offset & where->mask);
#endif
      const char *other = NULL;
      uint8_t code = step->code;
    again:
      switch (code) {
        case bt_code_load: FOR_VECTOR(x)
        case bt_code_load + bt_code_splat: FOR_SPLAT(x)
        case bt_code_store: EACH { PUT(p, q, a[q]); } break;
        case bt_code_keep: EACH BT_T(store)(PLACE(p, q), a[q]); break;
        case bt_code_store_bool:
#if BT_PACKED
          EACH BT_T(store_bools)(p + p_offsets[q], counts[q], a[q]);
          break;
#else
          EACH BT_T(store)(buffers[0] + q * L, a[q]);
          BT_T(to_bool)(where, column, count, buffers[0]);
          break;
        case bt_code_store_one: *(T *)p = a[0][0]; break;
        case bt_code_store_one_bool: *(uint8_t *)p = a[0][0] != 0; break;
#endif

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
        case bt_code_unary + bt_erfc: case bt_code_unary + bt_erf_inverse:
        case bt_code_unary + bt_lgamma: case bt_code_unary + bt_exp2: case bt_code_unary + bt_log2:
        case bt_code_unary + bt_log10:
          EACH BT_T(store)(buffers[0] + q * L, a[q]);
          BT_T(call_unary)(code, count, buffers[0]);
          EACH a[q] = BT_T(load)(buffers[0] + q * L);
          break;
        UNARY(bt_exp, BT_T(exp)(x))
        UNARY(bt_log, BT_T(log)(x))
        UNARY(bt_tanh, BT_T(tanh)(x))
        UNARY(bt_sigmoid, BT_T(sigmoid)(x))

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
        default:  // a binary operation without vectors
          EACH BT_T(store)(buffers[0] + q * L, a[q]);
#if BT_PACKED
          EACH BT_T(store)(buffers[1] + q * L, code & bt_code_splat ? SPLAT_AT(p, q) : AT(p, q));
          p = (char *)buffers[1];
          code &= (uint8_t)~bt_code_splat;
#endif
          BT_T(call_binary)(code, count, buffers[0], p);
          EACH a[q] = BT_T(load)(buffers[0] + q * L);
          break;

#if BT_PACKED
#define FIND_OTHER                                       \
  const bt_program_operand *beside = &operands[step->y]; \
  const char *r = other ? other : beside->address;       \
  const int64_t *r_offsets =                             \
      other ? machine->contiguous : beside->offsets + (column * 8 & beside->mask);
#else
#define FIND_OTHER \
  const char *r = other ? other : operands[step->y].address + (offset & operands[step->y].mask);
#endif
        case bt_code_select: {
          FIND_OTHER
          EACH a[q] = BT_T(blend)(a[q] != 0, AT(p, q), AT(r, q));
          break;
        }
        case bt_code_select + bt_code_splat: {
          FIND_OTHER
          EACH a[q] = BT_T(blend)(a[q] != 0, SPLAT_AT(p, q), AT(r, q));
          break;
        }
        case bt_code_select + 2: {
          FIND_OTHER
          EACH a[q] = BT_T(blend)(a[q] != 0, AT(p, q), SPLAT_AT(r, q));
          break;
        }
        case bt_code_select + 2 + bt_code_splat: {
          FIND_OTHER
          EACH a[q] = BT_T(blend)(a[q] != 0, SPLAT_AT(p, q), SPLAT_AT(r, q));
          break;
        }
        case bt_code_select_bool: case bt_code_select_bool + 1: case bt_code_select_bool + 2:
        case bt_code_select_bool + 3:
#if BT_PACKED
          BT_T(rows_from_bool)(buffers[1], &operands[step->y], column, code & 2, counts);
          other = (const char *)buffers[1];
#else
          other = BT_T(from_bool)(buffers[1], &operands[step->y], column, count);
#endif
          code -= bt_code_select_bool - bt_code_select;
          goto again;

#include "reductions.inc.h"

        case bt_code_bool ... 255:
#if BT_PACKED
          BT_T(rows_from_bool)(buffers[2], where, column, code & bt_code_splat, counts);
          p = (char *)buffers[2];
          p_offsets = machine->contiguous;
#else
          p = (char *)BT_T(from_bool)(buffers[2], where, column, count);
#endif
          code -= bt_code_bool;
          goto again;
      }
    }
#if BT_PACKED
    column += 1;
#else
    column += width;
    if (machine->wrapped_count) bt_advance(machine, width);
#endif
  } while (column < end);
}

#undef EACH
#undef ONE
#undef PLACE
#undef AT
#undef SPLAT_AT
#undef PUT
#undef COUNT
#undef FOR_VECTOR
#undef FOR_SPLAT
#undef UNARY
#undef BINARY_AT
#undef BINARY
#undef REVERSED
#undef TRUTH
#undef BITS
#undef FIND_OTHER
