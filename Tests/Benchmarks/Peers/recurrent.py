"""An LSTM of 64 inputs and 128 units over 50 steps, batches of 32: mean(h^2), all derivatives."""

import numpy as np

import libraries
from protocol import Work, peer, serve

BATCH, STEPS, INPUTS, UNITS = 32, 50, 64, 128
random = np.random.default_rng(0)
X = random.standard_normal((BATCH, STEPS, INPUTS), dtype=np.float32)


def cases(differentiate):
    return {"gradient": Work(differentiate, BATCH)}


@peer("torch", compiled=False)
@peer("torch-compile", compiled=True)
def torch_model(threads, compiled):
    torch = libraries.torch(threads)
    model = torch.nn.LSTM(INPUTS, UNITS, batch_first=True)
    x = torch.from_numpy(X)

    def loss(x):
        return (model(x)[0] ** 2).mean()

    forward = torch.compile(loss) if compiled else loss

    def differentiate():
        model.zero_grad()
        forward(x).backward()

    return cases(differentiate)


@peer("jax")
def jax_scan(threads):
    jax = libraries.jax()
    jnp = jax.numpy

    def initial(rows):
        return jnp.array(random.standard_normal((rows, 4 * UNITS)) * 0.1, jnp.float32)

    parameters = initial(INPUTS), initial(UNITS), jnp.zeros(4 * UNITS)

    def loss(parameters, x):
        kernel, recurrent, bias = parameters

        def cell(state, inputs):
            h, c = state
            i, f, g, o = jnp.split(inputs + h @ recurrent, 4, 1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zeros = jnp.zeros((x.shape[0], UNITS))
        _, h = jax.lax.scan(cell, (zeros, zeros), x.transpose(1, 0, 2) @ kernel + bias)
        return jnp.mean(h**2)

    gradient = jax.jit(jax.value_and_grad(loss))
    x = jnp.array(X)
    return cases(lambda: jax.block_until_ready(gradient(parameters, x)))


@peer("tensorflow")
def tensorflow_function(threads):
    tf = libraries.tensorflow(threads)
    keras = libraries.keras("tensorflow", threads)
    layer = keras.layers.LSTM(UNITS, return_sequences=True)
    x = tf.constant(X)
    layer(x)

    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(layer(x) ** 2)
        return tape.gradient(loss, layer.trainable_variables)

    return cases(lambda: [slope.numpy() for slope in gradient(x)])


serve()
