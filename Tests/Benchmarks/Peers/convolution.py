"""A network of two convolutions on images of 28x28: batches of 64, softmax cross-entropy, Adam."""

import numpy as np

import libraries
import training
from protocol import Work, peer, serve

BATCH, BATCHES = 64, 20
random = np.random.default_rng(0)
X = random.standard_normal((BATCH * BATCHES, 28, 28, 1), dtype=np.float32)
Y = random.integers(0, 10, BATCH * BATCHES)


def batches(x, y):
    return [(x[i:i + BATCH], y[i:i + BATCH]) for i in range(0, BATCH * BATCHES, BATCH)]


def cases(epoch):
    return {"train": Work(epoch, BATCH * BATCHES)}


@peer("torch", compiled=False)
@peer("torch-compile", compiled=True)
def torch_model(threads, compiled):
    torch = libraries.torch(threads)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 128), nn.ReLU(), nn.Linear(128, 10))
    forward = torch.compile(model) if compiled else model
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    x, y = torch.from_numpy(X.reshape(-1, 1, 28, 28)), torch.from_numpy(Y)

    def epoch():
        for inputs, labels in batches(x, y):
            loss = nn.functional.cross_entropy(forward(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    return cases(epoch)


@peer("jax")
def jax_jit(threads):
    jax = libraries.jax()
    jnp = jax.numpy

    def initial(shape, fan):
        return jnp.array(random.standard_normal(shape) * (2 / fan) ** 0.5, jnp.float32)

    parameters = {
        "kernel_1": initial((3, 3, 1, 16), 9), "bias_1": jnp.zeros(16),
        "kernel_2": initial((3, 3, 16, 32), 144), "bias_2": jnp.zeros(32),
        "kernel_3": initial((800, 128), 800), "bias_3": jnp.zeros(128),
        "kernel_4": initial((128, 10), 128), "bias_4": jnp.zeros(10)}

    def convolve(x, kernel):
        return jax.lax.conv_general_dilated(
            x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def pool(x):
        # A reshape and a maximum: faster to differentiate here than a window's maximum.
        n, height, width, channels = x.shape
        x = x[:, :height // 2 * 2, :width // 2 * 2]
        return x.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4))

    def forward(p, x):
        x = pool(jax.nn.relu(convolve(x, p["kernel_1"]) + p["bias_1"]))
        x = pool(jax.nn.relu(convolve(x, p["kernel_2"]) + p["bias_2"]))
        x = jax.nn.relu(x.reshape(x.shape[0], -1) @ p["kernel_3"] + p["bias_3"])
        return x @ p["kernel_4"] + p["bias_4"]

    step = training.adam_step(
        jax, lambda p, x, y: training.cross_entropy(jax, forward(p, x), y), 1e-3)
    state = training.adam_state(jax, parameters)
    data = [(jnp.array(x), jnp.array(y)) for x, y in batches(X, Y.astype(np.int32))]

    def epoch():
        nonlocal state
        for x, y in data:
            state, value = step(state, x, y)
        value.block_until_ready()

    return cases(epoch)


def keras_model(keras):
    layers = keras.layers
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
        layers.Dense(128, "relu"), layers.Dense(10)])


@peer("tensorflow")
def tensorflow_function(threads):
    tf = libraries.tensorflow(threads)
    keras = libraries.keras("tensorflow", threads)
    model = keras_model(keras)
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            scores = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, scores))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    data = [(tf.constant(x), tf.constant(y)) for x, y in batches(X, Y)]

    def epoch():
        for x, y in data:
            loss = step(x, y)
        return loss.numpy()

    return cases(epoch)


@peer("keras-jax")
def keras_fit(threads):
    keras = libraries.keras("jax", threads)
    model = keras_model(keras)
    model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return {
        "fit": Work(lambda: model.fit(X, Y, batch_size=BATCH, verbose=0), BATCH * BATCHES)}


serve()
