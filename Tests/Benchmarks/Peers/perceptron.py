"""A perceptron 784-512-256-10 with ReLU, softmax cross-entropy and Adam, batches of 128."""

import numpy as np

import libraries
import training
from protocol import Work, peer, serve

BATCH, BATCHES = 128, 50
WIDTHS = [784, 512, 256, 10]
random = np.random.default_rng(0)
X = random.standard_normal((BATCH * BATCHES, 784), dtype=np.float32)
Y = random.integers(0, 10, BATCH * BATCHES)
KERNELS = [
    (random.standard_normal((rows, columns)) * (2 / rows) ** 0.5).astype(np.float32)
    for rows, columns in zip(WIDTHS, WIDTHS[1:])]


def batches(x, y):
    return [(x[i:i + BATCH], y[i:i + BATCH]) for i in range(0, BATCH * BATCHES, BATCH)]


def cases(epoch, predict):
    """`predict(n)` computes the outputs of the first n samples."""
    return {
        "train": Work(epoch, BATCH * BATCHES),
        "infer 1": Work(lambda: predict(1)),
        "infer 128": Work(lambda: predict(128), 128),
    }


@peer("numpy")
def numpy_by_hand(threads):
    kernels = [kernel.copy() for kernel in KERNELS]
    biases = [np.zeros(width, np.float32) for width in WIDTHS[1:]]
    parameters = kernels + biases
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    number = 0

    def forward(x):
        h1 = np.maximum(x @ kernels[0] + biases[0], 0)
        h2 = np.maximum(h1 @ kernels[1] + biases[1], 0)
        return h1, h2, h2 @ kernels[2] + biases[2]

    def step(x, y):
        nonlocal number
        h1, h2, z = forward(x)
        z = np.exp(z - z.max(1, keepdims=True))
        z /= z.sum(1, keepdims=True)
        z[np.arange(len(y)), y] -= 1
        z /= np.float32(len(y))
        d2 = (z @ kernels[2].T) * (h2 > 0)
        d1 = (d2 @ kernels[1].T) * (h1 > 0)
        gradients = [x.T @ d1, h1.T @ d2, h2.T @ z, d1.sum(0), d2.sum(0), z.sum(0)]
        number += 1
        rate = np.float32(1e-3 * (1 - 0.999**number) ** 0.5 / (1 - 0.9**number))
        for p, g, m, v in zip(parameters, gradients, means, squares):
            m *= np.float32(0.9)
            m += np.float32(0.1) * g
            v *= np.float32(0.999)
            v += np.float32(0.001) * g * g
            p -= rate * m / (np.sqrt(v) + np.float32(1e-7))

    def epoch():
        for x, y in batches(X, Y):
            step(x, y)

    return cases(epoch, lambda count: forward(X[:count]))


@peer("torch", compiled=False)
@peer("torch-compile", compiled=True)
def torch_model(threads, compiled):
    torch = libraries.torch(threads)
    nn = torch.nn
    model = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    forward = torch.compile(model) if compiled else model
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def epoch():
        for inputs, labels in batches(x, y):
            loss = nn.functional.cross_entropy(forward(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    def predict(count):
        with torch.inference_mode():
            return forward(x[:count])

    return cases(epoch, predict)


@peer("jax")
def jax_jit(threads):
    jax = libraries.jax()
    jnp = jax.numpy

    def forward(parameters, x):
        for kernel, bias in parameters[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        return x @ parameters[-1][0] + parameters[-1][1]

    def loss(parameters, x, y):
        return training.cross_entropy(jax, forward(parameters, x), y)

    step = training.adam_step(jax, loss, 1e-3)
    state = training.adam_state(
        jax, [(jnp.array(kernel), jnp.zeros(kernel.shape[1])) for kernel in KERNELS])
    data = [(jnp.array(x), jnp.array(y)) for x, y in batches(X, Y.astype(np.int32))]
    outputs = jax.jit(forward)
    inputs = {count: jnp.array(X[:count]) for count in (1, 128)}

    def epoch():
        nonlocal state
        for x, y in data:
            state, value = step(state, x, y)
        value.block_until_ready()

    return cases(epoch, lambda count: outputs(state[0], inputs[count]).block_until_ready())


def keras_model(keras):
    return keras.Sequential([
        keras.Input((784,)), keras.layers.Dense(512, "relu"), keras.layers.Dense(256, "relu"),
        keras.layers.Dense(10)])


@peer("tensorflow")
def tensorflow_xla(threads):
    tf = libraries.tensorflow(threads)
    keras = libraries.keras("tensorflow", threads)
    model = keras_model(keras)
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            scores = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, scores))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    data = [(tf.constant(x), tf.constant(y)) for x, y in batches(X, Y)]
    outputs = tf.function(lambda x: model(x, training=False))
    inputs = {count: tf.constant(X[:count]) for count in (1, 128)}

    def epoch():
        for x, y in data:
            loss = step(x, y)
        return loss.numpy()

    return cases(epoch, lambda count: outputs(inputs[count]).numpy())


def keras_fit(backend, threads):
    keras = libraries.keras(backend, threads)
    model = keras_model(keras)
    model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return {
        "fit": Work(
            lambda: model.fit(X, Y, batch_size=BATCH, epochs=2, verbose=0), 2 * BATCH * BATCHES)}


@peer("keras-jax")
def keras_jax(threads):
    return keras_fit("jax", threads)


@peer("keras-tensorflow")
def keras_tensorflow(threads):
    return keras_fit("tensorflow", threads)


@peer("onnxruntime")
def onnx_runtime(threads):
    import onnx
    import onnxruntime
    from onnx import helper, numpy_helper

    nodes, constants, name = [], [], "x"
    for i, kernel in enumerate(KERNELS):
        constants.append(numpy_helper.from_array(kernel, f"kernel{i}"))
        constants.append(numpy_helper.from_array(np.zeros(kernel.shape[1], np.float32), f"bias{i}"))
        nodes.append(helper.make_node("Gemm", [name, f"kernel{i}", f"bias{i}"], [f"z{i}"]))
        name = f"z{i}"
        if i < 2:
            nodes.append(helper.make_node("Relu", [name], [f"h{i}"]))
            name = f"h{i}"
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "perceptron", [helper.make_tensor_value_info("x", kind, ["n", 784])],
        [helper.make_tensor_value_info(name, kind, ["n", 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    made = cases(None, lambda count: session.run(None, {"x": X[:count]}))
    del made["train"]
    return made


serve()
