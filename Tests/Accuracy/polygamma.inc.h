// The derivatives of the logarithm of the gamma function at positive numbers, in a type REAL with
// its logarithm LOG: by the recurrence, to where the asymptotic series has all digits, at FAR.

static REAL NAME(int order, REAL x) {
  // B(2), B(4), ... B(24).
  static const REAL tops[] = {1, -1, 1, -1, 5, -691, 7, -3617, 43867, -174611, 854513, -236364091};
  static const REAL bottoms[] = {6, 30, 42, 30, 66, 2730, 6, 510, 798, 330, 138, 2730};
  enum { terms = sizeof tops / sizeof tops[0] };
  if (x != x) return x;
  REAL sign = order % 2 == 0 ? -1 : 1, factorial = 1;
  for (int k = 2; k <= order; ++k) factorial *= k;
  if (x == 0) return sign / x;
  if (x > (REAL)0x1.fffffffffffffp1023) return order == 0 ? x : 0 * sign;
  REAL steps = 0, power = 1;
  for (; x < FAR; x += 1, steps += power) {
    power = 1;
    for (int k = 0; k <= order; ++k) power /= x;
  }
  power = 1;
  for (int k = 0; k < order; ++k) power /= x;
  REAL rest = order == 0 ? -LOG(x) : factorial / order * power;
  rest += factorial * power / (2 * x);
  // (2 k + order - 1)! / (2 k)! for k from 1 on.
  REAL factor = factorial * (order + 1) / 2;
  for (int k = 1; k <= terms; ++k) {
    power /= x * x;
    rest += tops[k - 1] / bottoms[k - 1] * factor * power;
    factor *= (REAL)(2 * k + order) * (2 * k + order + 1) / ((2 * k + 1) * (2 * k + 2));
  }
  return sign * (rest + factorial * steps);
}

#undef NAME
#undef REAL
#undef LOG
#undef FAR
