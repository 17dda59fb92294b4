"""sum(sigmoid(a x + b) tanh(x)) of ten million float32 numbers, and derivatives by x, a and b."""

import numpy as np

import libraries
from protocol import Work, peer, serve

COUNT = 10_000_000
A, B = np.float32(1.3), np.float32(-0.2)
X = np.random.default_rng(0).standard_normal(COUNT, dtype=np.float32)


def check(slopes):
    """Compares the first thousand with float64."""
    x = X[:1000].astype(np.float64)
    s, t = 1 / (1 + np.exp(-(1.3 * x - 0.2))), np.tanh(x)
    error = np.abs(np.asarray(slopes)[:1000] - (1.3 * s * (1 - s) * t + s * (1 - t * t))).max()
    if not error < 1e-5:
        raise ValueError(f"the derivatives are off by {error:.1e}")


def cases(differentiate):
    return {"gradient": Work(differentiate, check=lambda: check(differentiate()))}


@peer("numpy")
def numpy_by_hand(threads):
    def differentiate():
        s = A * X
        s += B
        np.negative(s, out=s)
        np.exp(s, out=s)
        s += np.float32(1)
        np.reciprocal(s, out=s)
        t = np.tanh(X)
        (s * t).sum()
        slopes = 1 - s
        slopes *= s
        slopes *= t
        np.dot(slopes, X)
        slopes.sum()
        slopes *= A
        t *= t
        np.subtract(np.float32(1), t, out=t)
        t *= s
        slopes += t
        return slopes

    return cases(differentiate)


@peer("torch", compiled=False)
@peer("torch-compile", compiled=True)
def torch_model(threads, compiled):
    torch = libraries.torch(threads)
    x = torch.from_numpy(X).requires_grad_()
    a = torch.tensor(A, requires_grad=True)
    b = torch.tensor(B, requires_grad=True)

    def loss(x, a, b):
        return (torch.sigmoid(a * x + b) * torch.tanh(x)).sum()

    forward = torch.compile(loss) if compiled else loss

    def differentiate():
        x.grad = a.grad = b.grad = None
        forward(x, a, b).backward()
        return x.grad

    return cases(differentiate)


@peer("jax")
def jax_jit(threads):
    jax = libraries.jax()
    jnp = jax.numpy

    def loss(x, a, b):
        return jnp.sum(jax.nn.sigmoid(a * x + b) * jnp.tanh(x))

    gradient = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))
    x = jnp.array(X)

    def differentiate():
        _, slopes = gradient(x, A, B)
        jax.block_until_ready(slopes)
        return slopes[0]

    return cases(differentiate)


@peer("tensorflow")
def tensorflow_xla(threads):
    tf = libraries.tensorflow(threads)
    x, a, b = tf.constant(X), tf.constant(A), tf.constant(B)

    @tf.function(jit_compile=True)
    def gradient(x, a, b):
        with tf.GradientTape() as tape:
            tape.watch([x, a, b])
            loss = tf.reduce_sum(tf.sigmoid(a * x + b) * tf.tanh(x))
        return tape.gradient(loss, [x, a, b])

    # The result is read through a copy of its first numbers: everything has then been computed.
    return cases(lambda: gradient(x, a, b)[0][:1000].numpy())


serve()
