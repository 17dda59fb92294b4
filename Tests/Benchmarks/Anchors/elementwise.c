// sum(sigmoid(a x + b) tanh(x)) of ten million floats and its derivatives, fused by hand into one
// pass, and the speed of memory. The number of threads is OMP_NUM_THREADS.
#include "protocol.h"

#include <math.h>

enum { count = 10000000 };
static const float a = 1.3f, b = -0.2f;
static float *x, *slopes, *other;
static volatile float sink[3];

static void gradient(void) {
  float loss = 0, slope_a = 0, slope_b = 0;
#pragma omp parallel for simd reduction(+ : loss, slope_a, slope_b) schedule(static)
  for (int i = 0; i < count; i++) {
    float v = x[i];
    float s = 1 / (1 + expf(-(a * v + b)));
    float t = 1 - 2 / (1 + expf(2 * v > 60 ? 60 : 2 * v));
    float slope = s * (1 - s) * t;
    loss += s * t;
    slope_a += slope * v;
    slope_b += slope;
    slopes[i] = a * slope + s * (1 - t * t);
  }
  sink[0] = loss;
  sink[1] = slope_a;
  sink[2] = slope_b;
}

static void copy(void) {
#pragma omp parallel for schedule(static)
  for (int i = 0; i < count; i += 10000) memcpy(other + i, x + i, 10000 * sizeof(float));
}

static void read_all(void) {
  float sum = 0;
#pragma omp parallel for simd reduction(+ : sum) schedule(static)
  for (int i = 0; i < count; i++) sum += x[i];
  sink[0] = sum;
}

static const char *check(void) {
  gradient();
  for (int i = 0; i < 1000; i++) {
    double s = 1 / (1 + exp(-(1.3 * x[i] - 0.2))), t = tanh(x[i]);
    double expected = 1.3 * s * (1 - s) * t + s * (1 - t * t);
    if (!(fabs(expected - slopes[i]) < 1e-5)) return "the derivatives are off";
  }
  return NULL;
}

static float *array(void) {
  float *values = aligned_alloc(64, count * sizeof(float));
  memset(values, 0, count * sizeof(float));
  return values;
}

int main(void) {
  x = array();
  slopes = array();
  other = array();
  unsigned state = 1;
  for (int i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    x[i] = (float)((int)(state >> 8) - (1 << 23)) / 4194304.0f;
  }
  struct anchor_case cases[] = {
      {"gradient", gradient, 1, check},
      // Items are bytes: those read, and for a copy those written too.
      {"copy", copy, 2.0 * count * sizeof(float), NULL},
      {"read", read_all, 1.0 * count * sizeof(float), NULL}};
  return anchor_serve(cases, 3);
}
