"""Adam and its variant AdamW for JAX, and a classifier's loss, as its users write them by hand."""


def cross_entropy(jax, logits, labels):
    """The mean over everything of minus the log-probability of the labels."""
    scores = jax.nn.log_softmax(logits)
    return -jax.numpy.mean(jax.numpy.take_along_axis(scores, labels[..., None], -1))


def adam_step(jax, loss, rate, epsilon=1e-7, decay=0.0):
    """A compiled step of training: ((parameters, mean, square, number), x, y) -> (same, loss)."""
    jnp = jax.numpy

    def step(state, *batch):
        parameters, mean, square, number = state
        value, gradient = jax.value_and_grad(loss)(parameters, *batch)
        number = number + 1
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradient)
        scale = rate * jnp.sqrt(1 - 0.999**number) / (1 - 0.9**number)
        parameters = jax.tree.map(
            lambda p, m, v: p - scale * m / (jnp.sqrt(v) + epsilon) - rate * decay * p,
            parameters, mean, square)
        return (parameters, mean, square, number), value

    return jax.jit(step, donate_argnums=0)


def adam_state(jax, parameters):
    zeros = jax.tree.map(jax.numpy.zeros_like, parameters)
    return parameters, zeros, jax.tree.map(jax.numpy.copy, zeros), jax.numpy.float32(0)
