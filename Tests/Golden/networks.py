"""Writes networks.json: trainings of convolutional and recurrent networks by Keras, and losses over
classes, for ModelsTests.

Everything is float64. A network is a list of layers, each a name and its arguments as Keras takes
them.

Run: python3 Tests/Golden/networks.py [DIRECTORY]
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
from keras.src.backend.common import dtypes

SEED = 20170122
keras.config.set_floatx("float64")
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # else means are taken in float32

layers = keras.layers
LAYERS = {
    "Conv2D": lambda filters, size, stride, padding, activation: layers.Conv2D(
        filters, size, strides=stride, padding=padding, activation=activation),
    "MaxPooling2D": lambda size: layers.MaxPooling2D(size),
    "AveragePooling2D": lambda size: layers.AveragePooling2D(size),
    "Flatten": layers.Flatten,
    "Dense": lambda units, activation: layers.Dense(units, activation=activation),
    "LSTM": lambda units, sequences: layers.LSTM(units, return_sequences=sequences),
    "GRU": lambda units, sequences, after: layers.GRU(
        units, return_sequences=sequences, reset_after=after),
    "Embedding": lambda count, width: layers.Embedding(count, width),
    "LayerNormalization": layers.LayerNormalization,
}
LOSSES = {
    "meanSquaredError": lambda: keras.losses.MeanSquaredError(),
    "sparse": lambda: keras.losses.SparseCategoricalCrossentropy(),
    "sparseFromLogits": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "categorical": lambda: keras.losses.CategoricalCrossentropy(),
    "categoricalFromLogits": lambda: keras.losses.CategoricalCrossentropy(from_logits=True),
}
OPTIMIZERS = {
    "sgd": lambda rate: keras.optimizers.SGD(rate),
    "adam": lambda rate: keras.optimizers.Adam(rate),
    "adamW": lambda rate: keras.optimizers.AdamW(rate),
}

CASES = {
    "convolutions": dict(
        input=[9, 8, 2], layers=[
            ["Conv2D", 4, 3, 1, "valid", "relu"], ["MaxPooling2D", 2],
            ["Conv2D", 3, 2, 1, "same", "relu"], ["Flatten"], ["Dense", 6, "relu"],
            ["Dense", 3, "linear"]],
        classes=3, loss="sparseFromLogits", optimizer="adam", rate=0.01, metric=True),
    "convolutions in steps": dict(
        input=[7, 7, 1], layers=[
            ["Conv2D", 3, 3, 2, "same", "tanh"], ["AveragePooling2D", 2], ["Flatten"],
            ["Dense", 4, "softmax"]],
        classes=4, loss="sparse", optimizer="adamW", rate=0.02, metric=True),
    "two memories": dict(
        input=[5, 3], layers=[["LSTM", 4, True], ["LSTM", 3, False], ["Dense", 2, "linear"]],
        classes=0, outputs=[2], loss="meanSquaredError", optimizer="adam", rate=0.02, metric=False),
    "a memory of sequences": dict(
        input=[4, 2], layers=[["LSTM", 3, True], ["Dense", 3, "softmax"]],
        classes=3, outputs=[4], loss="sparse", optimizer="sgd", rate=0.5, metric=True),
    "words": dict(
        input=[6], vocabulary=7, layers=[
            ["Embedding", 7, 4], ["LayerNormalization"], ["Flatten"], ["Dense", 5, "linear"]],
        classes=5, loss="categoricalFromLogits", optimizer="adamW", rate=0.01, metric=True),
    "shares": dict(
        input=[4], layers=[["Dense", 5, "tanh"], ["Dense", 3, "softmax"]],
        classes=3, loss="categorical", optimizer="adam", rate=0.05, metric=True),
    "two gated recurrences": dict(
        input=[5, 3], layers=[["GRU", 4, True, True], ["GRU", 3, False, True], ["Dense", 2, "linear"]],
        classes=0, outputs=[2], loss="meanSquaredError", optimizer="adam", rate=0.02, metric=False),
    "a gated recurrence, reset before": dict(
        input=[4, 2], layers=[["GRU", 3, True, False], ["Dense", 3, "softmax"]],
        classes=3, outputs=[4], loss="sparse", optimizer="sgd", rate=0.5, metric=True),
}
SAMPLES, BATCH, EPOCHS = 14, 5, 4


def numbers(array):
    return np.asarray(array, dtype=np.float64).ravel().tolist()


def train(name, case, random):
    case = dict(vocabulary=0, outputs=[], samples=SAMPLES, batch=BATCH, epochs=EPOCHS) | case
    shape = (SAMPLES, *case["input"])
    words = case["vocabulary"]
    x = random.randint(0, words, shape) if words else random.uniform(-1, 1, shape)
    if case["classes"]:
        y = random.randint(0, case["classes"], (SAMPLES, *case["outputs"]))
        if case["loss"].startswith("categorical"):
            y = np.eye(case["classes"])[y]
    else:
        y = random.uniform(-1, 1, (SAMPLES, *case["outputs"]))
    model = keras.Sequential(
        [keras.Input(case["input"])] + [LAYERS[kind](*rest) for kind, *rest in case["layers"]])
    model.set_weights([random.uniform(-0.8, 0.8, p.shape) for p in model.get_weights()])
    initial = model.get_weights()
    model.compile(
        optimizer=OPTIMIZERS[case["optimizer"]](case["rate"]), loss=LOSSES[case["loss"]](),
        metrics=["accuracy"] if case["metric"] else [])
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
    return case | dict(
        name=name, x=numbers(x), y=numbers(y), targets=list(y.shape),
        initial=[numbers(p) for p in initial], final=[numbers(p) for p in model.get_weights()],
        history={k: numbers(v) for k, v in history.history.items()},
        predicted=numbers(model.predict(x, verbose=0)))


def loss_values(random):
    logits = random.normal(0, 3, (6, 4))
    logits[0], logits[1] = [800, -800, 0, 3], [0, 0, 0, 0]
    shares = np.exp(np.minimum(logits, 5))
    shares[2] = [0, 1, 0, 0]
    shares[3:] /= shares[3:].sum(-1, keepdims=True)
    labels = np.array([0, 3, 1, 2, 2, 0])
    weights = random.uniform(0, 2, 6)
    for name, make in LOSSES.items():
        if name == "meanSquaredError":
            continue
        outputs = logits if "Logits" in name else shares
        targets = labels if name.startswith("sparse") else np.eye(4)[labels] * 0.75 + 0.0625
        loss = make()
        gradient = jax.grad(lambda p: loss(targets, p))(outputs)
        yield dict(
            name=name, shape=list(outputs.shape), targets=numbers(targets),
            targetShape=list(targets.shape), outputs=numbers(outputs), weights=numbers(weights),
            value=float(loss(targets, outputs)),
            weighted=float(loss(targets, outputs, sample_weight=weights)),
            gradient=numbers(gradient))


def main():
    random = np.random.RandomState(SEED)
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    golden = dict(
        header=dict(
            generator="Tests/Golden/networks.py", keras=keras.__version__, jax=jax.__version__,
            numpy=np.__version__, seed=SEED, relative=1e-9, absolute=1e-11),
        trainings=[train(name, case, random) for name, case in CASES.items()],
        losses=list(loss_values(random)))
    lines = [
        ",\n".join(json.dumps(item, allow_nan=False) for item in golden[key])
        for key in ("trainings", "losses")]
    text = '{"header": %s,\n"trainings": [\n%s\n],\n"losses": [\n%s\n]}\n'
    (folder / "networks.json").write_text(text % (json.dumps(golden["header"]), *lines))


if __name__ == "__main__":
    main()
