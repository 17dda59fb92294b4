// Functions that the C library lacks, of one number in double. Those of floats are the same,
// rounded.

#include <math.h>

#include "special.h"

#pragma clang fp contract(off)

/// Coefficients from the highest power down.
static double polynomial(double x, int count, const double *coefficients) {
  double sum = coefficients[0];
  for (int i = 1; i < count; ++i) sum = sum * x + coefficients[i];
  return sum;
}

// MARK: the inverse of erf

// Of the normal distribution's inverse: M. J. Wichura, algorithm AS 241 (1988).
static const double middle_top[] = {
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
};
static const double middle_bottom[] = {
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
};
static const double tail_top[] = {
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
    1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
    4.6303378461565452959, 1.42343711074968357734,
};
static const double tail_bottom[] = {
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
    0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
    2.05319162663775882187, 1,
};
static const double end_top[] = {
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
    0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
    5.4637849111641143699, 6.6579046435011037772,
};
static const double end_bottom[] = {
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
    7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
    0.59983220655588793769, 1,
};

double bt_erf_inverse_of(double x) {
  double size = fabs(x), y;
  if (!(size < 1)) return size == 1 ? copysign(INFINITY, x) : NAN;
  // Either is within 6 units in the last place; a step of Newton's leaves little more than what
  // erf and erfc are off.
  if (size <= 0.85) {
    double r = 0.180625 - 0.25 * x * x;
    y = x * 0.35355339059327376220 * polynomial(r, 8, middle_top) /
        polynomial(r, 8, middle_bottom);
    return y - (erf(y) - x) / (M_2_SQRTPI * exp(-y * y));
  }
  // Exact, as size is at least 1/2.
  double rest = 1 - size, r = sqrt(-log(rest / 2));
  if (r <= 5) y = polynomial(r - 1.6, 8, tail_top) / polynomial(r - 1.6, 8, tail_bottom);
  else y = polynomial(r - 5, 8, end_top) / polynomial(r - 5, 8, end_bottom);
  y *= M_SQRT1_2;
  return copysign(y + (erfc(y) - rest) / (M_2_SQRTPI * exp(-y * y)), x);
}

// MARK: the logarithm of the gamma function and its derivatives

double lgamma_r(double x, int *sign);

double bt_lgamma_of(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

/// Of x in 1...2, around its root: J. Maddock in Boost.Math.
static double digamma_near_root(double x) {
  static const double top[] = {
      -0.0020713321167745952, -0.045251321448739056, -0.28919126444774784,
      -0.65031853770896507, -0.32555031186804491, 0.25479851061131551,
  };
  static const double bottom[] = {
      -0.55789841321675513e-6, 0.0021284987017821144, 0.054151797245674225,
      0.43593529692665969, 1.4606242909763515, 2.0767117023730469, 1,
  };
  // The root in three parts.
  double g = x - 1569415565.0 / 1073741824;
  g -= 381566830.0 / 1073741824 / 1073741824;
  g -= 0.9016312093258695918615325266959189453125e-19;
  double r = polynomial(x - 1, 6, top) / polynomial(x - 1, 7, bottom);
  return g * 0.99558162689208984 + g * r;
}

static double digamma(double x) {
  if (x == 0) return copysign(INFINITY, -x);
  if (x < 0) {
    // By reflection: ψ(1 - x) - π / tan(π x), where tan has the period of what is left of x.
    double rest = x - round(x);
    if (rest == 0 || isinf(x)) return NAN;
    return digamma(1 - x) - M_PI / tan(M_PI * rest);
  }
  if (x >= 10) {
    static const double series[] = {
        0.08333333333333333333, -0.02109279609279609280, 0.00757575757575757576,
        -0.00416666666666666667, 0.00396825396825396825, -0.00833333333333333333,
        0.08333333333333333333,
    };
    double z = 1 / (x * x);
    return log(x) - 0.5 / x - (x < 1e17 ? z * polynomial(z, 7, series) : 0);
  }
  double sum = 0;
  for (; x > 2; sum += 1 / x) x -= 1;
  if (x < 1) return digamma_near_root(x + 1) - 1 / x;
  return sum + digamma_near_root(x);
}

/// (x + low)^n, where low is what x was rounded by.
static double power_of(double x, double low, int n) {
  double power = pow(x, n);
  return low == 0 ? power : power + power * (n * (low / x));
}

/// The sum over k from 0 on of (q + k)^-s, for an integer s >= 2 and q > 0: terms, then the rest by
/// Euler and Maclaurin's formula.
static double zeta(int s, double q) {
  // (2 k)! / B(2 k).
  static const double divisors[] = {
      12, -720, 30240, -1209600, 47900160, -1307674368000.0 / 691, 74724249600,
      -10670622842880000.0 / 3617, 5109094217170944000.0 / 43867,
      -802857662698291200000.0 / 174611,
  };
  double sum = 0, excess = 0, at = q;
  int k = 0;
  // So far that the smallest term of the rest is beyond what counts.
  for (; at < 10 + s; at = q + ++k) {
    double term = power_of(at, q - (at - k), -s);
    if (term < sum * 1e-20 || isinf(term)) return sum + term;
    double y = term - excess, total = sum + y;
    excess = total - sum - y, sum = total;
  }
  // Over a power less than the terms', which is there where the next one is too small; the small
  // ones first.
  double terms[10], factor = s / at / at, rest = 0;
  for (int i = 0; i < 10; ++i) {
    terms[i] = factor / divisors[i];
    factor *= (s + 2 * i + 1) / at * ((s + 2 * i + 2) / at);
  }
  for (int i = 9; i >= 0; --i) rest += terms[i];
  double power = power_of(at, q - (at - k), 1 - s);
  return sum + (power / (s - 1) + power * (rest + 0.5 / at) - excess);
}

double bt_polygamma_of(int order, double x) {
  if (order == 0) return digamma(x);
  int s = order + 1;
  double sign = s % 2 == 0 ? 1 : -1, sum;
  if (x != x) return x;
  if (x > 0) {
    sum = isinf(x) ? 0 : zeta(s, x);
  } else if (floor(x) == x) {
    return isinf(x) ? NAN : order % 2 == 1 ? INFINITY : -INFINITY;
  } else {
    // Terms below 0 are those of a sum that goes the other way from behind 0.
    double up = x + ceil(-x), down = -x - floor(-x);
    sum = zeta(s, up) + sign * zeta(s, down) - sign * zeta(s, down + ceil(-x));
  }
  double factorial = 1;
  for (int k = 2; k <= order; ++k) factorial *= k;
  return sign * factorial * sum;
}
