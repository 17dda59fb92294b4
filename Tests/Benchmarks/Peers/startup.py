"""A whole program: import, 50 iterations of the network of 3, 4 and 1, print the predictions, exit.

Run: python3 startup.py PEER
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.float64)
Y = np.array([[0], [0], [1], [1]], dtype=np.float64)
np.random.seed(1)
SYNAPSES_0 = 2 * np.random.random((3, 4)) - 1
SYNAPSES_1 = 2 * np.random.random((4, 1)) - 1


def with_numpy():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    synapses_0, synapses_1 = SYNAPSES_0, SYNAPSES_1
    for _ in range(50):
        l1 = sigmoid(X @ synapses_0)
        l2 = sigmoid(l1 @ synapses_1)
        l2_delta = (Y - l2) * l2 * (1 - l2)
        l1_delta = (l2_delta @ synapses_1.T) * l1 * (1 - l1)
        synapses_1 += l1.T @ l2_delta
        synapses_0 += X.T @ l1_delta
    return l2


def with_torch():
    import torch

    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    synapses_0 = torch.tensor(SYNAPSES_0, requires_grad=True)
    synapses_1 = torch.tensor(SYNAPSES_1, requires_grad=True)
    optimizer = torch.optim.SGD([synapses_0, synapses_1], lr=1.0)
    for _ in range(50):
        l2 = torch.sigmoid(torch.sigmoid(x @ synapses_0) @ synapses_1)
        optimizer.zero_grad()
        (0.5 * ((y - l2) ** 2).sum()).backward()
        optimizer.step()
    return l2.detach().numpy()


def with_jax():
    import jax

    jax.config.update("jax_enable_x64", True)

    def loss(parameters):
        l2 = jax.nn.sigmoid(jax.nn.sigmoid(X @ parameters[0]) @ parameters[1])
        return 0.5 * jax.numpy.sum((Y - l2) ** 2), l2

    @jax.jit
    def step(parameters):
        (_, l2), gradient = jax.value_and_grad(loss, has_aux=True)(parameters)
        return (parameters[0] - gradient[0], parameters[1] - gradient[1]), l2

    parameters = jax.numpy.array(SYNAPSES_0), jax.numpy.array(SYNAPSES_1)
    for _ in range(50):
        parameters, l2 = step(parameters)
    return np.asarray(l2)


def with_tensorflow():
    import tensorflow as tf

    variables = [tf.Variable(SYNAPSES_0), tf.Variable(SYNAPSES_1)]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            l2 = tf.sigmoid(tf.sigmoid(X @ variables[0]) @ variables[1])
            loss = 0.5 * tf.reduce_sum((Y - l2) ** 2)
        for variable, slope in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(slope)
        return l2

    for _ in range(50):
        l2 = step()
    return l2.numpy()


PEERS = {
    "numpy": with_numpy, "torch": with_torch, "jax": with_jax, "tensorflow": with_tensorflow}
print(PEERS[sys.argv[1]]().ravel())
