#include "accuracy.h"

#include <math.h>
#include <string.h>

/// SplitMix64's mixing of a number.
uint64_t mixed(uint64_t number) {
  uint64_t z = (number + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static double unit(uint64_t bits) { return (double)(bits >> 11) * 0x1p-53; }

static double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// Some representable numbers further, at most `reach`, on either side.
static double near(double x, uint64_t bits, int64_t reach) {
  int64_t pattern, distance = (int64_t)(bits % (uint64_t)(2 * reach + 1)) - reach;
  memcpy(&pattern, &x, sizeof x);
  if (x == 0 || !isfinite(x)) return from_bits(bits);
  return from_bits((uint64_t)(pattern + distance));
}

static double any_scale(uint64_t a, uint64_t b, int reach) {
  double x = ldexp(1 + unit(a), (int)(b % (uint64_t)(2 * reach)) - reach);
  return b >> 63 ? -x : x;
}

static const double specials[] = {
    0.0, -0.0, INFINITY, -INFINITY, NAN, 1, -1, 0.5, -0.5, 2, 0x1p-1074, -0x1p-1074, 0x1p-1022,
    -0x1p-1022, 0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023,
};

double point64(const function *f, uint64_t number) {
  uint64_t a = mixed(number), b = mixed(~number);
  switch (number & 7) {
    case 0: return from_bits(a);
    case 1: return any_scale(a, b, 60);
    case 2: return 2 * unit(a) - 1;
    case 3: case 4: return f->low + (f->high - f->low) * unit(a);
    case 5: return near(f->places[b & 7], a, b & 8 ? 64 : 1 << 20);
    case 6:
      // Near multiples of the step: or, where there is none, near powers of two.
      if (f->step == 0) return near(ldexp(1, (int)(b % 120) - 60), a, 64);
      return near((double)((int64_t)(b % 4001) - 2000) * f->step, a, 64);
    default: return b % 64 < 16 ? specials[b % 16] : from_bits(a & 0x800fffffffffffff);
  }
}

void pair64(uint64_t number, double *x, double *y) {
  uint64_t a = mixed(2 * number), b = mixed(2 * number + 1), c = mixed(~number);
  switch (number & 7) {
    case 0: *x = from_bits(a), *y = from_bits(b); return;
    case 1: *x = specials[a % 16], *y = specials[b % 16]; return;
    case 2: *x = 1 + (unit(a) - 0.5) * 0x1p-10, *y = any_scale(b, c, 16); return;
    case 3: *x = any_scale(a, c, 4), *y = any_scale(b, c >> 32, 4); return;
    case 4: *x = fabs(any_scale(a, c, 300)), *y = 4 * unit(b) - 2; return;
    case 5: *x = 1 + 9 * unit(a), *y = 600 * unit(b) - 300; return;
    case 6: *x = 10 * unit(a), *y = (double)((int64_t)(b % 41) - 20) / 2; return;
    default: *x = any_scale(a, c, 60), *y = *x * (1 + any_scale(b, c >> 32, 30)); return;
  }
}

void pair32(uint64_t number, float *x, float *y) {
  if (number & 1) {
    uint64_t bits = mixed(number);
    memcpy(x, &bits, 4);
    bits >>= 32;
    memcpy(y, &bits, 4);
    return;
  }
  double a, b;
  pair64(number >> 1, &a, &b);
  *x = (float)a, *y = (float)b;
}
