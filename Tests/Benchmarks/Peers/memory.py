"""Peak memory of training 64 layers of 512 with Adam, batches of 128, above that of one layer.

The peak of the resident memory over five steps, less what was resident before the deep model was
made: after imports, data, and the same steps of a model of one layer.
"""

import gc

import numpy as np

import libraries
import training
from protocol import Reported, peer, serve

BATCH, DEPTH, STEPS = 128, 64, 5
random = np.random.default_rng(0)
X = random.standard_normal((BATCH * STEPS, 784), dtype=np.float32)
Y = random.integers(0, 10, BATCH * STEPS)


def resident(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))


def cases(train):
    def peak():
        train(1)
        gc.collect()
        with open("/proc/self/clear_refs", "w") as reset:
            reset.write("5")  # the peak starts anew
        before = resident("VmRSS")
        train(DEPTH)
        return resident("VmHWM") - before

    return {"peak": Reported(peak)}


def layers(depth):
    widths = [784] + [512] * depth + [10]
    return list(zip(widths, widths[1:]))


def batches(x, y):
    return [(x[i:i + BATCH], y[i:i + BATCH]) for i in range(0, BATCH * STEPS, BATCH)]


def initial(rows, columns):
    return random.standard_normal((rows, columns), dtype=np.float32) * np.float32((2 / rows) ** 0.5)


@peer("numpy")
def numpy_by_hand(threads):
    def train(depth):
        kernels = [initial(*pair) for pair in layers(depth)]
        means = [np.zeros_like(kernel) for kernel in kernels]
        squares = [np.zeros_like(kernel) for kernel in kernels]
        for x, y in batches(X, Y):
            hidden = [x]
            for kernel in kernels[:-1]:
                hidden.append(np.maximum(hidden[-1] @ kernel, 0))
            slope = hidden[-1] @ kernels[-1]
            slope = np.exp(slope - slope.max(1, keepdims=True))
            slope /= slope.sum(1, keepdims=True)
            slope[np.arange(BATCH), y] -= 1
            slope /= np.float32(BATCH)
            # Each gradient is used up before the next is made.
            for i in reversed(range(len(kernels))):
                gradient = hidden[i].T @ slope
                if i:
                    slope = (slope @ kernels[i].T) * (hidden[i] > 0)
                means[i] *= np.float32(0.9)
                means[i] += np.float32(0.1) * gradient
                squares[i] *= np.float32(0.999)
                squares[i] += np.float32(0.001) * gradient * gradient
                kernels[i] -= np.float32(1e-3) * means[i] / (np.sqrt(squares[i]) + np.float32(1e-7))

    return cases(train)


@peer("torch")
def torch_eager(threads):
    torch = libraries.torch(threads)
    nn = torch.nn
    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def train(depth):
        parts = [part for pair in layers(depth) for part in (nn.Linear(*pair), nn.ReLU())]
        model = nn.Sequential(*parts[:-1])
        optimizer = torch.optim.Adam(model.parameters(), fused=True)
        for inputs, labels in batches(x, y):
            loss = nn.functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return cases(train)


@peer("jax")
def jax_jit(threads):
    jax = libraries.jax()
    jnp = jax.numpy

    def loss(parameters, x, y):
        for kernel, bias in parameters[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        return training.cross_entropy(jax, x @ parameters[-1][0] + parameters[-1][1], y)

    def train(depth):
        step = training.adam_step(jax, loss, 1e-3)
        state = training.adam_state(
            jax, [(jnp.array(initial(*pair)), jnp.zeros(pair[1])) for pair in layers(depth)])
        for x, y in batches(X, Y.astype(np.int32)):
            state, value = step(state, x, y)
        value.block_until_ready()

    return cases(train)


@peer("keras-tensorflow")
def keras_fit(threads):
    keras = libraries.keras("tensorflow", threads)
    dense = keras.layers.Dense

    def train(depth):
        model = keras.Sequential(
            [keras.Input((784,))] + [dense(512, "relu") for _ in range(depth)] + [dense(10)])
        model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(X, Y, batch_size=BATCH, verbose=0)

    return cases(train)


serve()
