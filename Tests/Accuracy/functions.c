#include "accuracy.h"

#include <math.h>

#include "special.h"

wide WIDE(expm1)(wide);
wide WIDE(log)(wide);
wide WIDE(log1p)(wide);
wide WIDE(exp2)(wide);
wide WIDE(log2)(wide);
wide WIDE(log10)(wide);
wide WIDE(sin)(wide);
wide WIDE(cos)(wide);
wide WIDE(tan)(wide);
wide WIDE(tanh)(wide);
wide WIDE(erf)(wide);
wide WIDE(erfc)(wide);
wide WIDE(lgamma)(wide);
wide WIDE(sqrt)(wide);
wide WIDE(pow)(wide, wide);
wide WIDE(atan2)(wide, wide);

static double sigmoid32(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
static wide sigmoid64(wide x) {
  return x < 0 ? WIDE(exp)(x) / (1 + WIDE(exp)(x)) : 1 / (1 + WIDE(exp)(-x));
}
static double rsqrt32(double x) { return 1 / sqrt(x); }
static wide rsqrt64(wide x) { return 1 / WIDE(sqrt)(x); }
/// By Newton's steps from what the kernels have.
static wide erf_inverse64(wide x) {
  wide y = bt_erf_inverse_of((double)x);
  if (!isfinite((double)y) || x == 0) return y;
  for (int i = 0; i < 2; ++i) {
    wide slope = 1.12837916709551257389615890312154517169L * WIDE(exp)(-y * y);
    wide rest = x < 0 ? (1 + x) - WIDE(erfc)(-y) : WIDE(erfc)(y) - (1 - x);
    // The constant has 64 bits at least: what is left shrinks by more than that.
    if (x > -0.5 && x < 0.5) rest = x - WIDE(erf)(y);
    y += rest / slope;
  }
  return y;
}
static double erf_inverse32(double x) {
  double y = bt_erf_inverse_of(x), slope = M_2_SQRTPI * exp(-y * y);
  if (!isfinite(y) || x == 0) return y;
  if (fabs(x) < 0.5) return y + (x - erf(y)) / slope;
  return y + (x < 0 ? 1 + x - erfc(-y) : erfc(y) - (1 - x)) / slope;
}

#define NAME polygamma_extended
#define REAL long double
#define LOG logl
#define FAR 16
#include "polygamma.inc.h"
#define NAME polygamma_wide
#define REAL wide
#define LOG WIDE(log)
#define FAR 64
#include "polygamma.inc.h"

#define POLYGAMMA_OF(order)                                                                      \
  static double polygamma_##order##_own(double x) { return bt_polygamma_of(order, x); }          \
  static double polygamma_##order##_32(double x) { return polygamma_extended(order, x); }        \
  static wide polygamma_##order##_64(wide x) { return polygamma_wide(order, x); }

POLYGAMMA_OF(0)
POLYGAMMA_OF(1)
POLYGAMMA_OF(2)
POLYGAMMA_OF(3)

static const double ln2 = 0.69314718055994530942, half_pi = 1.57079632679489661923;

#define UNARY(name, low, high, step, bound32, bound64, ...)                                      \
  {#name, bt_##name, true, name, WIDE(name), 0, 0, bound32, bound64, low, high, step,            \
   {__VA_ARGS__}, 0}
#define INLINE(name, narrow, wider, low, high, step, bound32, bound64, ...)                      \
  {#name, bt_##name, false, narrow, wider, 0, 0, bound32, bound64, low, high, step,              \
   {__VA_ARGS__}, 0}
#define POLYGAMMA(order, bound32, bound64)                                                       \
  {"polygamma " #order, 0, true, polygamma_##order##_32, polygamma_##order##_64, 0, 0, bound32,  \
   bound64, 0, 20, 0.5, {1, 2, 1.4616321449683623, 10, 1e17, 12, 13, 14}, polygamma_##order##_own}
#define BINARY(name, narrow, wider, bound32, bound64)                                            \
  {#name, bt_##name, true, 0, 0, narrow, wider, bound32, bound64, 0, 0, 0, {0}, 0}

// Bounds are what was found on 2^28 numbers of float32 and 2^21 of float64, rounded up; of what the
// library computes they are glibc's, 1 unit where it is better. Of float32, log was tried on all
// numbers and exp on all whose size is between 0.25 and 89; of float64, exp on 2^24: 1.011.
const function functions[] = {
    INLINE(exp, exp, WIDE(exp), -746, 710, ln2 / 2, 1.01, 1.05, 709.7827128933840, -708.39641853226,
           -745.1332191019411, 0),
    INLINE(exp2, exp2, WIDE(exp2), -1076, 1024, 0.5, 1.1, 1.1, 1024, -1022, -1075, 0.5),
    INLINE(log, log, WIDE(log), 0, 4, 0, 0.84, 1.0, 1, 0.70710678118654752, 1.4142135623730951,
           2.2250738585072014e-308),
    INLINE(log2, log2, WIDE(log2), 0, 4, 0, 2.0, 2.0, 1, 0.70710678118654752, 1.4142135623730951,
           2.2250738585072014e-308),
    INLINE(log10, log10, WIDE(log10), 0, 4, 0, 2.0, 2.0, 1, 0.70710678118654752,
           1.4142135623730951, 2.2250738585072014e-308),
    INLINE(tanh, tanh, WIDE(tanh), -20, 20, 0.625, 1.35, 2.0, 0.625, -0.625, 19.06, 0.3125),
    INLINE(sigmoid, sigmoid32, sigmoid64, -746, 40, ln2 / 2, 2.5, 2.5, -708.39641853226,
           -745.1332191019411, 36.7368005696771, 0),
    INLINE(sqrt, sqrt, WIDE(sqrt), 0, 4, 0, 0.5, 0.5, 1, 2, 4, 2.2250738585072014e-308),
    INLINE(rsqrt, rsqrt32, rsqrt64, 0, 4, 0, 1.5, 1.5, 1, 2, 4, 2.2250738585072014e-308),
    UNARY(expm1, -40, 710, ln2 / 2, 1.0, 1.0, 0, 709.7827128933840, -36.7368005696771, 0.34657),
    UNARY(log1p, -1, 4, 0, 1.0, 1.0, 0, -0.2928932188134525, 0.41421356237309503, -1),
    UNARY(sin, -10, 10, half_pi, 1.0, 1.0, 0, 0.785398163397448, 105414350, 1e22),
    UNARY(cos, -10, 10, half_pi, 1.0, 1.0, 0, 0.785398163397448, 105414350, 1e22),
    UNARY(tan, -10, 10, half_pi, 1.5, 1.0, 0, 0.785398163397448, 105414350, 1e22),
    UNARY(erf, -6, 6, 0.84375, 1.0, 1.1, 0, 0.84375, 1.25, 2.857142857142857, 6),
    UNARY(erfc, -6, 27, 0.84375, 1.0, 4.0, 0, 0.84375, 1.25, 2.857142857142857, 26.54),
    {"erf_inverse", bt_erf_inverse, true, erf_inverse32, erf_inverse64, 0, 0, 1.0, 2.0, -1, 1, 0,
     {0.85, -0.85, 1, -1, 0.5}, 0},
    UNARY(lgamma, -10, 10, 0.5, 1.0, 6.0, 1, 2, -2.457, 8),
    POLYGAMMA(0, 1.0, 4.0),
    POLYGAMMA(1, 1.0, 2.5),
    POLYGAMMA(2, 1.0, 2.5),
    POLYGAMMA(3, 1.0, 4.0),
    BINARY(power, powl, WIDE(pow), 0.51, 1.0),
    BINARY(atan2, atan2l, WIDE(atan2), 0.51, 1.0),
};
const int function_count = sizeof(functions) / sizeof(functions[0]);
