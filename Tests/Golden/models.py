"""Writes models.json: trainings of small networks by Keras, and losses, for ModelsTests.

Everything is float64. Trainings are also done with PyTorch's own optimizer where it has the same
rule; the generator stops if the two disagree.

Run: python3 Tests/Golden/models.py [DIRECTORY]
"""

import json
import os
import pathlib
import sys

# Of Keras's backends the one that keeps float64 everywhere.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import keras
import numpy as np
import torch
from keras.src.backend.common import dtypes

SEED = 20170115
keras.config.set_floatx("float64")
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # else means are taken in float32
torch.set_default_dtype(torch.float64)

LOSSES = {
    "meanSquaredError": lambda: keras.losses.MeanSquaredError(),
    "meanAbsoluteError": lambda: keras.losses.MeanAbsoluteError(),
    "binaryCrossEntropy": lambda: keras.losses.BinaryCrossentropy(),
    "binaryCrossEntropyFromLogits": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
}
METRICS = {
    "accuracy": lambda: "accuracy",
    "meanAbsoluteError": lambda: keras.metrics.MeanAbsoluteError(),
    "meanSquaredError": lambda: keras.metrics.MeanSquaredError(),
}

BASE = dict(
    samples=12, input=3, layers=[[4, "tanh", True], [1, "linear", True]], loss="meanSquaredError",
    rate=0.125, momentum=0.0, nesterov=False, batch=12, epochs=4, weighted=False, split=0.0,
    metrics=[], rates=[], labels=False)

CASES = {
    "one batch": dict(),
    "partial last batch": dict(samples=11, batch=4, metrics=["meanAbsoluteError"]),
    "momentum": dict(momentum=0.875, batch=5),
    "nesterov": dict(momentum=0.875, nesterov=True, batch=5, epochs=5),
    "momentum at changing rates": dict(momentum=0.75, batch=6, rates=[0.125, 0.0625, 0.25, 0.015625]),
    "sample weights": dict(
        samples=10, batch=4, weighted=True, metrics=["meanSquaredError", "meanAbsoluteError"]),
    "two outputs": dict(layers=[[5, "sigmoid", False], [2, "linear", True]], batch=5),
    "cross-entropy": dict(
        layers=[[6, "relu", True], [1, "sigmoid", True]], loss="binaryCrossEntropy", labels=True,
        samples=21, batch=8, rate=0.5, metrics=["accuracy"]),
    "cross-entropy of logits": dict(
        layers=[[6, "tanh", True], [1, "linear", True]], loss="binaryCrossEntropyFromLogits",
        labels=True, samples=21, batch=8, rate=0.5, momentum=0.5),
    "validation split": dict(
        samples=17, batch=4, split=0.3, metrics=["meanAbsoluteError"], momentum=0.875),
    "validation split with weights": dict(
        samples=17, batch=4, split=0.25, weighted=True, metrics=["meanAbsoluteError"]),
    "softmax": dict(
        layers=[[5, "relu", True], [3, "softmax", True]], loss="meanSquaredError", samples=9,
        batch=4, labels=True, rate=0.25, metrics=["accuracy"]),
    "deep": dict(
        layers=[[7, "relu", True], [6, "tanh", True], [5, "sigmoid", False], [1, "linear", True]],
        batch=7, momentum=0.25, epochs=6),
}


def numbers(array):
    return np.asarray(array, dtype=np.float64).ravel().tolist()


def torch_weights(case, x, y, w, weights):
    """The weights after training with torch.optim.SGD on the mean of weighted squares."""
    parameters = [torch.tensor(p, requires_grad=True) for p in weights]
    optimizer = torch.optim.SGD(
        parameters, lr=case["rate"], momentum=case["momentum"], nesterov=case["nesterov"])
    functions = dict(tanh=torch.tanh, sigmoid=torch.sigmoid, relu=torch.relu, linear=lambda a: a)
    for _ in range(case["epochs"]):
        for at in range(0, len(x), case["batch"]):
            rows = slice(at, at + case["batch"])
            a, rest = torch.tensor(x[rows]), iter(parameters)
            for _, activation, bias in case["layers"]:
                a = a @ next(rest)
                a = functions[activation](a + next(rest) if bias else a)
            each = ((a - torch.tensor(y[rows])) ** 2).mean(-1)
            loss = (each * torch.tensor(w[rows])).sum() / len(each)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return [p.detach().numpy() for p in parameters]


def train(name, changes, random):
    case = BASE | changes
    outputs = case["layers"][-1][0]
    x = random.uniform(-1, 1, (case["samples"], case["input"]))
    if case["labels"] and outputs > 1:
        y = np.eye(outputs)[random.randint(0, outputs, case["samples"])]
    elif case["labels"]:
        y = (x.sum(1, keepdims=True) > 0).astype(np.float64)
    else:
        y = np.sin(x @ random.uniform(-2, 2, (case["input"], outputs)))
    w = random.uniform(0, 2, case["samples"]) if case["weighted"] else None

    model = keras.Sequential([keras.Input((case["input"],))] + [
        keras.layers.Dense(units, activation=activation, use_bias=bias)
        for units, activation, bias in case["layers"]])
    model.set_weights([random.uniform(-0.8, 0.8, p.shape) for p in model.get_weights()])
    initial = model.get_weights()
    metrics = [METRICS[m]() for m in case["metrics"]]
    model.compile(
        optimizer=keras.optimizers.SGD(case["rate"], case["momentum"], case["nesterov"]),
        loss=LOSSES[case["loss"]](),
        **{"weighted_metrics" if case["weighted"] else "metrics": metrics})
    callbacks = []
    if case["rates"]:
        callbacks = [keras.callbacks.LearningRateScheduler(lambda epoch: case["rates"][epoch])]
    history = model.fit(
        x, y, batch_size=case["batch"], epochs=case["epochs"], sample_weight=w, shuffle=False,
        validation_split=case["split"], verbose=0, callbacks=callbacks)

    is_plain = case["loss"] == "meanSquaredError" and not case["rates"] and not case["split"]
    if is_plain and case["layers"][-1][1] != "softmax":
        ones = np.ones(case["samples"])
        peers = torch_weights(case, x, y, ones if w is None else w, initial)
        for ours, theirs in zip(model.get_weights(), peers):
            assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-12), name
    values = {k: v for k, v in history.history.items() if k != "learning_rate"}
    evaluated = model.evaluate(x, y, batch_size=5, sample_weight=w, verbose=0, return_dict=True)
    return case | dict(
        name=name, x=numbers(x), y=numbers(y), w=None if w is None else numbers(w),
        initial=[numbers(p) for p in initial], final=[numbers(p) for p in model.get_weights()],
        history={k: numbers(v) for k, v in values.items()},
        evaluated={k: float(v) for k, v in evaluated.items()},
        predicted=numbers(model.predict(x, verbose=0)))


def loss_values(random):
    p = np.concatenate([[0, 1, 0, 1, 0.5, 1e-9, 1 - 1e-9], random.uniform(0, 1, 5)])
    y = np.concatenate([[0, 1, 1, 0, 0.25, 1, 0], random.randint(0, 2, 5)])
    logits = np.concatenate([[0, 0, 700, -700, 1e308, -1e308, 40], random.normal(0, 3, 5)])
    labels = np.concatenate([[0, 1, 0, 1, 1, 0, 1], random.randint(0, 2, 5)])
    for name, make in LOSSES.items():
        a, b = (labels, logits) if "Logits" in name else (y, p)
        for shape in [(12, 1), (4, 3), (2, 3, 2)]:
            targets, outputs = a.reshape(shape), b.reshape(shape)
            weights = random.uniform(0, 2, shape[0])
            columns = [shape[0]] + [1] * (len(shape) - 2)
            loss = make()
            gradient = jax.grad(lambda p: loss(targets, p))(outputs)
            yield dict(
                name=name, shape=list(shape), targets=numbers(targets), outputs=numbers(outputs),
                weights=numbers(weights), value=float(loss(targets, outputs)),
                weighted=float(loss(targets, outputs, sample_weight=weights.reshape(columns))),
                gradient=numbers(gradient))


def main():
    random = np.random.RandomState(SEED)
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    golden = dict(
        header=dict(
            generator="Tests/Golden/models.py", keras=keras.__version__, jax=jax.__version__,
            torch=torch.__version__,
            numpy=np.__version__, seed=SEED, relative=1e-9, absolute=1e-11),
        trainings=[train(name, changes, random) for name, changes in CASES.items()],
        losses=list(loss_values(random)))
    lines = [",\n".join(json.dumps(item) for item in golden[key]) for key in ("trainings", "losses")]
    text = '{"header": %s,\n"trainings": [\n%s\n],\n"losses": [\n%s\n]}\n'
    (folder / "models.json").write_text(text % (json.dumps(golden["header"]), *lines))


if __name__ == "__main__":
    main()
