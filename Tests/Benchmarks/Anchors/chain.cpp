// The chain of operations on one number, float64, and its derivatives by a and b: by hand with saved
// values, or with -DWITH_CODIPACK on the tape of CoDiPack.
#include "protocol.h"

#include <cmath>
#include <vector>
#ifdef WITH_CODIPACK
#include <codi.hpp>
#endif

namespace {

constexpr int count = 100000;
constexpr double start = 0.5, summand = 0.1;

struct Result {
  double value, slopeA, slopeB;
};

double factor(bool mix) { return mix ? 1.1 : 0.999; }

Result byHand(bool mix) {
  static std::vector<double> saved(2 * count);
  double a = factor(mix), x = start;
  double *top = saved.data();
  for (int i = 0; i < count / (mix ? 4 : 2); i++) {
    *top++ = x;
    x = x * a + summand;
    if (mix) {
      *top++ = std::cos(x);
      x = std::tanh(std::sin(x));
      *top++ = x;
    }
  }
  double slope = 1, slopeA = 0, slopeB = 0;
  for (int i = 0; i < count / (mix ? 4 : 2); i++) {
    if (mix) {
      double tanh = *--top;
      slope *= 1 - tanh * tanh;
      slope *= *--top;
    }
    slopeB += slope;
    slopeA += slope * *--top;
    slope *= a;
  }
  return {x, slopeA, slopeB};
}

#ifdef WITH_CODIPACK
Result differentiate(bool mix) {
  using Real = codi::RealReverse;
  auto &tape = Real::getTape();
  tape.reset();
  tape.setActive();
  Real x = start, a = factor(mix), b = summand;
  tape.registerInput(x);
  tape.registerInput(a);
  tape.registerInput(b);
  // One operation in a statement: expressions would be differentiated as a whole.
  for (int i = 0; i < count / (mix ? 4 : 2); i++) {
    x = x * a;
    x = x + b;
    if (mix) {
      x = sin(x);
      x = tanh(x);
    }
  }
  tape.registerOutput(x);
  tape.setPassive();
  x.setGradient(1.0);
  tape.evaluate();
  return {x.getValue(), a.getGradient(), b.getGradient()};
}
#else
Result differentiate(bool mix) { return byHand(mix); }
#endif

volatile double sink;

template <bool mix> void call() { sink = differentiate(mix).slopeA; }

template <bool mix> const char *check() {
  Result got = differentiate(mix), expected = byHand(mix);
  auto close = [](double x, double y) {
    return std::fabs(x - y) <= 1e-9 * std::fmax(1, std::fabs(y));
  };
  bool same = close(got.value, expected.value) && close(got.slopeA, expected.slopeA) &&
              close(got.slopeB, expected.slopeB);
  return same ? nullptr : "the derivatives are off";
}

}  // namespace

int main() {
  anchor_case cases[] = {
      {"mix", call<true>, count, check<true>}, {"arith", call<false>, count, check<false>}};
  return anchor_serve(cases, 2);
}
