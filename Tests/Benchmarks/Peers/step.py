"""The network of three inputs, four hidden units and one output: a step of training, float64."""

import numpy as np

import libraries
from protocol import Work, peer, serve

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.float64)
Y = np.array([[0], [0], [1], [1]], dtype=np.float64)
np.random.seed(1)
SYNAPSES_0 = 2 * np.random.random((3, 4)) - 1
SYNAPSES_1 = 2 * np.random.random((4, 1)) - 1
PUBLISHED = np.array([0.16773399, 0.1427798, 0.84060332, 0.82558171])


def check(predictions):
    error = np.abs(np.asarray(predictions, dtype=np.float64).ravel() - PUBLISHED).max()
    if not error < 2e-8:
        raise ValueError(f"the predictions of iteration 50 are off by {error:.1e}")


def cases(train, steps):
    """`train(n)` trains from the start for n steps and gives the last predictions."""
    return {"step": Work(lambda: train(steps), steps, lambda: check(train(50)))}


@peer("numpy")
def numpy_by_hand(threads):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def train(steps):
        synapses_0, synapses_1 = SYNAPSES_0.copy(), SYNAPSES_1.copy()
        for _ in range(steps):
            l1 = sigmoid(X @ synapses_0)
            l2 = sigmoid(l1 @ synapses_1)
            l2_delta = (Y - l2) * (l2 * (1 - l2))
            l1_delta = l2_delta.dot(synapses_1.T) * (l1 * (1 - l1))
            synapses_1 += l1.T.dot(l2_delta)
            synapses_0 += X.T.dot(l1_delta)
        return l2

    return cases(train, 2000)


@peer("torch")
def torch_eager(threads):
    torch = libraries.torch(threads)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def train(steps):
        synapses_0 = torch.tensor(SYNAPSES_0, requires_grad=True)
        synapses_1 = torch.tensor(SYNAPSES_1, requires_grad=True)
        optimizer = torch.optim.SGD([synapses_0, synapses_1], lr=1.0)
        for _ in range(steps):
            l2 = torch.sigmoid(torch.sigmoid(x @ synapses_0) @ synapses_1)
            loss = 0.5 * ((y - l2) ** 2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return l2.detach().numpy()

    return cases(train, 500)


@peer("jax")
def jax_jit(threads):
    jax = libraries.jax(double=True)
    jnp = jax.numpy

    def loss(parameters):
        l2 = jax.nn.sigmoid(jax.nn.sigmoid(X @ parameters[0]) @ parameters[1])
        return 0.5 * jnp.sum((Y - l2) ** 2), l2

    @jax.jit
    def step(parameters):
        (_, l2), gradient = jax.value_and_grad(loss, has_aux=True)(parameters)
        return (parameters[0] - gradient[0], parameters[1] - gradient[1]), l2

    def train(steps):
        parameters = jnp.array(SYNAPSES_0), jnp.array(SYNAPSES_1)
        for _ in range(steps):
            parameters, l2 = step(parameters)
        return np.asarray(l2.block_until_ready())

    return cases(train, 2000)


@peer("tensorflow")
def tensorflow_function(threads):
    tf = libraries.tensorflow(threads)
    x, y = tf.constant(X), tf.constant(Y)
    variables = [tf.Variable(SYNAPSES_0), tf.Variable(SYNAPSES_1)]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            l2 = tf.sigmoid(tf.sigmoid(x @ variables[0]) @ variables[1])
            loss = 0.5 * tf.reduce_sum((y - l2) ** 2)
        for variable, slope in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(slope)
        return l2

    def train(steps):
        variables[0].assign(SYNAPSES_0)
        variables[1].assign(SYNAPSES_1)
        for _ in range(steps):
            l2 = step()
        return l2.numpy()

    return cases(train, 500)


def keras_fit(backend, threads):
    if backend == "jax":
        libraries.jax(double=True)
    keras = libraries.keras(backend, threads)
    keras.backend.set_floatx("float64")
    model = keras.Sequential([
        keras.Input((3,)),
        keras.layers.Dense(4, "sigmoid", use_bias=False),
        keras.layers.Dense(1, "sigmoid", use_bias=False)])
    model.compile(
        keras.optimizers.SGD(1.0), loss=lambda y, p: 0.5 * keras.ops.sum((y - p) ** 2))

    def train(epochs):
        model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, shuffle=False)

    def check_fit():
        model.set_weights([SYNAPSES_0, SYNAPSES_1])
        train(49)
        # Keras may round to float32 on the way.
        error = np.abs(model.predict(X, verbose=0).ravel() - PUBLISHED).max()
        if not error < 1e-5:
            raise ValueError(f"the predictions of iteration 50 are off by {error:.1e}")

    return {"fit": Work(lambda: train(100), 100, check_fit)}


@peer("keras-jax")
def keras_jax(threads):
    return keras_fit("jax", threads)


@peer("keras-tensorflow")
def keras_tensorflow(threads):
    return keras_fit("tensorflow", threads)


serve()
