// Steps that reduce: part of the machine's switch.

// What is not a column counts as `nothing`.
#if BT_PARTIAL
#define COLUMN(q, nothing) BT_T(keep_part)(a[q], part[q], nothing)
#else
#define COLUMN(q, nothing) a[q]
#endif
// The vectors of the accumulator joined in pairs, and so on.
#define JOIN(result, nothing, function)                                 \
  V result;                                                             \
  {                                                                     \
    V t[N];                                                             \
    EACH t[q] = COLUMN(q, nothing);                                     \
    BT_UNROLL for (int half = N / 2; half > 0; half /= 2)               \
      BT_UNROLL for (int q = 0; q < half; ++q) t[q] = function(t[q], t[q + half]); \
    result = t[0];                                                      \
  }
#define PLUS(x, y) x + y
#if BT_PACKED
// Every row by itself: the vectors of a row are joined, then the lanes.
#define JOIN_ROWS(nothing, function, across)                                                \
  {                                                                                         \
    V t[N];                                                                                 \
    EACH t[q] = COLUMN(q, nothing);                                                         \
    if (machine->row_vectors == 2) {                                                        \
      BT_UNROLL for (int q = 0; q < N / 2; ++q) t[q] = function(t[2 * q], t[2 * q + 1]);    \
    } else if (machine->row_vectors == 3) {                                                 \
      BT_UNROLL for (int q = 0; q < N / 4; ++q)                                             \
        t[q] = function(function(t[3 * q], t[3 * q + 1]), t[3 * q + 2]);                    \
    } else if (machine->row_vectors == 4) {                                                 \
      BT_UNROLL for (int q = 0; q < N / 4; ++q)                                             \
        t[q] = function(function(t[4 * q], t[4 * q + 1]),                                   \
                        function(t[4 * q + 2], t[4 * q + 3]));                              \
    } else if (machine->row_vectors > 4) {                                                  \
      BT_UNROLL for (int half = N / 2; half > 0; half /= 2)                                 \
        BT_UNROLL for (int q = 0; q < half; ++q) t[q] = function(t[q], t[q + half]);        \
    }                                                                                       \
    EACH BT_T(store)(buffers[0] + q * L, t[q]);                                             \
    for (int64_t row = 0; row < machine->tile_rows; ++row)                                  \
      ((T *)(p + p_offsets[0]))[row] = across(BT_T(load)(buffers[0] + row * L));            \
    break;                                                                                  \
  }
#define SUM_OF_LANES(v) BT_T(across_sum)(BT_T(sums_of)(v))
        case bt_code_row_sum: JOIN_ROWS((V){0}, PLUS, SUM_OF_LANES)
        case bt_code_row_max:
          JOIN_ROWS(BT_T(splat)((T)-__builtin_inf()), BT_T(greater_of), BT_T(across_max))
        case bt_code_row_min:
          JOIN_ROWS(BT_T(splat)((T)__builtin_inf()), BT_T(lesser_of), BT_T(across_min))
#else
        case bt_code_row_sum: {
          JOIN(v, (V){0}, PLUS)
          BT_T(sums) sums = column == machine->begin
                                ? BT_T(sums_of)(v)
                                : BT_T(add_to)(BT_T(load_sums)(p + bt_slot_bytes, sizeof(V)), v);
          if (column + width >= machine->end) *(T *)p = BT_T(across_sum)(sums);
          else BT_T(store_sums)(p + bt_slot_bytes, sizeof(V), sums);
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
#endif

        case bt_code_total: {
          JOIN(v, (V){0}, PLUS)
          BT_T(store_sums)(p, sizeof(V), BT_T(add_to)(BT_T(load_sums)(p, sizeof(V)), v));
          break;
        }
        case bt_code_total_one:
          BT_T(store_sums)(p, sizeof(V),
                           BT_T(add_to)(BT_T(load_sums)(p, sizeof(V)), (V){a[0][0]}));
          break;
// Vectors that go to one sum are added up before it goes back to memory.
#define COLUMN_SUMS(at, vectors)                                                            \
  BT_UNROLL for (int r = 0; r < vectors; ++r) {                                             \
    BT_T(sums) sums = BT_T(load_sums)(at(r), machine->apart);                               \
    BT_UNROLL for (int q = r; q < N; q += vectors)                                          \
      sums = BT_T(add_to)(sums, COLUMN(q, (V){0}));                                         \
    BT_T(store_sums)(at(r), machine->apart, sums);                                          \
  }
        case bt_code_column_sum: {
#if BT_PACKED
#define SUMS_AT(q) p + p_offsets[q]
          if (machine->row_vectors == 1) {
            COLUMN_SUMS(SUMS_AT, 1)
            break;
          }
          if (machine->row_vectors == 2) {
            COLUMN_SUMS(SUMS_AT, 2)
            break;
          }
#else
          char *sums_at = where->address + (column * 8 & where->mask);
#define SUMS_AT(q) sums_at + q * L * 8
#endif
          COLUMN_SUMS(SUMS_AT, N)
          break;
        }

#undef COLUMN_SUMS
#undef COLUMN
#undef JOIN
#undef JOIN_ROWS
#undef SUM_OF_LANES
#undef SUMS_AT
#undef PLUS
#undef ROW_EXTREME
