// A training step of the network of 3, 4 and 1 in float64, written out by hand for one core.
#include "protocol.h"

#include <math.h>

static const double inputs[4][3] = {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}};
static const double labels[4] = {0, 0, 1, 1};
static const double published[4] = {0.16773399, 0.1427798, 0.84060332, 0.82558171};

// NumPy's legacy generator with seed 1, 2 random() - 1.
static const double initial_0[3][4] = {
    {-0.165955990594852, 0.4406489868843162, -0.9997712503653102, -0.39533485473632046},
    {-0.7064882183657739, -0.8153228104624044, -0.6274795772446582, -0.3088785459139045},
    {-0.20646505153866013, 0.07763346800671389, -0.1616109711934104, 0.370439000793519}};
static const double initial_1[4] = {
    -0.5910955005369651, 0.7562348727818908, -0.9452248136041477, 0.34093502035680445};

static double synapses_0[3][4], synapses_1[4], l1[4][4], l2[4];

static double sigmoid(double z) { return 1 / (1 + exp(-z)); }

__attribute__((noinline)) static void train(int steps) {
  memcpy(synapses_0, initial_0, sizeof synapses_0);
  memcpy(synapses_1, initial_1, sizeof synapses_1);
  for (int step = 0; step < steps; step++) {
    double l2_delta[4], l1_delta[4][4];
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) {
        double z = 0;
        for (int k = 0; k < 3; k++) z += inputs[i][k] * synapses_0[k][j];
        l1[i][j] = z;
      }
    for (int i = 0; i < 16; i++) (&l1[0][0])[i] = sigmoid((&l1[0][0])[i]);
    for (int i = 0; i < 4; i++) {
      double z = 0;
      for (int j = 0; j < 4; j++) z += l1[i][j] * synapses_1[j];
      l2[i] = z;
    }
    for (int i = 0; i < 4; i++) l2[i] = sigmoid(l2[i]);
    for (int i = 0; i < 4; i++) l2_delta[i] = (labels[i] - l2[i]) * l2[i] * (1 - l2[i]);
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++)
        l1_delta[i][j] = l2_delta[i] * synapses_1[j] * l1[i][j] * (1 - l1[i][j]);
    for (int j = 0; j < 4; j++) {
      double sum = 0;
      for (int i = 0; i < 4; i++) sum += l1[i][j] * l2_delta[i];
      synapses_1[j] += sum;
    }
    for (int k = 0; k < 3; k++)
      for (int j = 0; j < 4; j++) {
        double sum = 0;
        for (int i = 0; i < 4; i++) sum += inputs[i][k] * l1_delta[i][j];
        synapses_0[k][j] += sum;
      }
  }
}

static void call(void) { train(10000); }

static const char *check(void) {
  train(50);
  for (int i = 0; i < 4; i++)
    if (!(fabs(l2[i] - published[i]) < 2e-8)) return "the predictions of iteration 50 are off";
  return NULL;
}

int main(void) {
  struct anchor_case cases[] = {{"step", call, 10000, check}};
  return anchor_serve(cases, 1);
}
