// Everything an instruction set provides, instantiated by a file that defines
//   BT_SET, BT_SET_NAME        its table and its name
//   BT_FLOATS, BT_DOUBLES      lanes of a vector
//   BT_HAS_FMA, BT_HAS_ROUND   whether it has these instructions
//   BT_TILE_ROWS               rows of a product's register tile
//   BT_EACH_ROW_COUNT(X)       X(1) X(2) ... X(BT_TILE_ROWS)
//   BT_MASKS_AVX512, BT_MASKS_AVX2   how parts of vectors are loaded; neither: lane by lane
// and, where there is reason,
//   BT_NARROWER_SET            one of half the vectors, and of the same bits but in sums
//   BT_NARROW_VECTORS          vectors of the smallest piece of a tile program

#pragma clang fp contract(off)

#include "../program_machine.h"
#include "../special.h"

#ifndef BT_NARROW_VECTORS
#define BT_NARROW_VECTORS 1
#endif

#include "vectors.inc.h"
#include "functions.inc.h"
#include "unary.inc.h"
#include "binary.inc.h"
#include "cast.inc.h"
#include "transpose.inc.h"
#include "fold.inc.h"

#define T float
#define V f32v
#define L BT_FLOATS
#define BT_T(name) name##_f32
#include "tile.inc.h"
#include "products.inc.h"
#define I i32v
#define BT_DTYPE bt_float32
#define BT_IS_FLOAT 1
#include "program.inc.h"
#undef I
#undef BT_DTYPE
#undef BT_IS_FLOAT
#undef T
#undef V
#undef L
#undef BT_T

#define T double
#define V f64v
#define L BT_DOUBLES
#define BT_T(name) name##_f64
#include "tile.inc.h"
#include "products.inc.h"
#define I i64v
#define BT_DTYPE bt_float64
#define BT_IS_FLOAT 0
#include "program.inc.h"
#undef I
#undef BT_DTYPE
#undef BT_IS_FLOAT
#undef T
#undef V
#undef L
#undef BT_T

const bt_set BT_SET = {
    .name = BT_SET_NAME,
#ifdef BT_NARROWER_SET
    .narrower = &BT_NARROWER_SET,
#endif
    .unary = BT_UNARY_TABLE,
    .binary = BT_BINARY_TABLE,
    .cast = BT_CAST_TABLE,
    .fold = BT_FOLD_TABLE,
    .find = BT_FIND_TABLE,
    .transpose4 = transpose_words,
    .transpose8 = transpose_double_words,
    .products32 = {BT_TILE_ROWS, BT_FLOATS, tiles_f32, loose_tiles_f32, block_f32, wide_row_f32,
                   dots_f32, pack_b_f32, rotate_f32},
    .products64 = {BT_TILE_ROWS, BT_DOUBLES, tiles_f64, loose_tiles_f64, block_f64, wide_row_f64,
                   dots_f64, pack_b_f64, rotate_f64},
    .programs32 = {BT_FLOATS, BT_NARROW_VECTORS * BT_FLOATS, full_f32, half_f32, narrow_f32,
                   packed_f32, column_sums_f32, total_f32},
    .programs64 = {BT_DOUBLES, BT_NARROW_VECTORS * BT_DOUBLES, full_f64, half_f64, narrow_f64,
                   packed_f64, column_sums_f64, total_f64},
};
