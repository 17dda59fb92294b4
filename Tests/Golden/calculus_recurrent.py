"""Golden derivatives of recurrent networks: LSTM and GRU of PyTorch, cross-checked with the
formulas in JAX, and with Keras where it has the variant.

    python Tests/Golden/calculus_recurrent.py [folder]
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch

from calculus.cases import Suite

keras.config.set_floatx("float64")


def torch_lstm(settings, x, kernel, recurrent, bias, hidden, cell):
    y, h, c = torch.lstm(
        x, (hidden[None], cell[None]),
        [kernel.T.contiguous(), recurrent.T.contiguous(), bias, torch.zeros_like(bias)],
        True, 1, 0.0, True, False, True)
    return torch.cat([y, h.swapaxes(0, 1), c.swapaxes(0, 1)], 1)


def jax_lstm(settings, x, kernel, recurrent, bias, hidden, cell):
    # A loop: to compile a scan takes longer than everything else.
    h, c, ys = hidden, cell, []
    for t in range(x.shape[1]):
        i, f, g, o = jnp.split(x[:, t] @ kernel + h @ recurrent + bias, 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        ys.append(h)
    return jnp.concatenate([jnp.stack(ys, 1), h[:, None], c[:, None]], 1)


def torch_gru(settings, x, kernel, recurrent, bias, recurrent_bias, hidden):
    if settings["resetAfter"] and settings["gates"] == "resetUpdateNew":
        y, _ = torch.gru(
            x, hidden[None],
            [kernel.T.contiguous(), recurrent.T.contiguous(), bias, recurrent_bias],
            True, 1, 0.0, True, False, True)
        return y
    return gru_by_formula(torch, settings, x, kernel, recurrent, bias, recurrent_bias, hidden)


def gru_by_formula(library, settings, x, kernel, recurrent, bias, recurrent_bias, hidden):
    h, ys = hidden, []
    for t in range(x.shape[1]):
        h = gru_step(library, settings, h, x[:, t], kernel, recurrent, bias, recurrent_bias)
        ys.append(h)
    return library.stack(ys, 1)


def gru_step(library, settings, h, x, kernel, recurrent, bias, recurrent_bias):
    sigmoid = torch.sigmoid if library is torch else jax.nn.sigmoid
    n = h.shape[-1]
    z, r = (0, 1) if settings["gates"] == "updateResetNew" else (1, 0)
    inputs = x @ kernel + bias

    def part(values, gate):
        return values[..., gate * n:(gate + 1) * n]

    states = h @ recurrent + recurrent_bias
    update = sigmoid(part(inputs, z) + part(states, z))
    reset = sigmoid(part(inputs, r) + part(states, r))
    if settings["resetAfter"]:
        new = library.tanh(part(inputs, 2) + reset * part(states, 2))
    else:
        candidate = (reset * h) @ part(recurrent, 2) + part(recurrent_bias, 2)
        new = library.tanh(part(inputs, 2) + candidate)
    return update * h + (1 - update) * new


def jax_gru(settings, *inputs):
    return gru_by_formula(jnp, settings, *inputs)


def check_keras(x, kernel, recurrent, bias, recurrent_bias, hidden):
    """Keras's GRU in both variants, of which one has no bias of its own for the state."""
    for after in (True, False):
        layer = keras.layers.GRU(
            hidden.shape[-1], reset_after=after, return_sequences=True, dtype="float64")
        layer.build(x.shape)
        zero = np.zeros_like(recurrent_bias)
        layer.set_weights(
            [kernel, recurrent, np.stack([bias, recurrent_bias]) if after else bias])
        theirs = np.asarray(layer(x, initial_state=jnp.asarray(hidden)))
        settings = {"gates": "updateResetNew", "resetAfter": after}
        state_bias = recurrent_bias if after else zero
        ours = jax_gru(settings, x, kernel, recurrent, bias, state_bias, hidden)
        # Keras computes in float32 on its way.
        assert np.allclose(theirs, ours, atol=1e-6), (after, theirs, ours)


def main():
    suite = Suite(
        "calculus_recurrent", 41, {"lstm": torch_lstm, "gru": torch_gru},
        {"lstm": jax_lstm, "gru": jax_gru})
    for batch, time, size, units in [(2, 3, 2, 3), (1, 6, 1, 2), (3, 1, 2, 1)]:
        shape = f"{batch} by {time} by {size}, {units} units"
        x, start = suite.normal(batch, time, size), suite.normal(batch, units)
        suite.add(
            f"lstm {shape}", "lstm",
            [x, suite.normal(size, 4 * units), suite.normal(units, 4 * units),
             suite.normal(4 * units), start, suite.normal(batch, units)], smooth=True)
        for gates in ["updateResetNew", "resetUpdateNew"]:
            for after in [True, False]:
                inputs = [
                    x, suite.normal(size, 3 * units), suite.normal(units, 3 * units),
                    suite.normal(3 * units), suite.normal(3 * units), start]
                check_keras(*inputs)
                suite.add(
                    f"gru {shape}, {gates}, reset {'after' if after else 'before'}", "gru", inputs,
                    {"gates": gates, "resetAfter": after}, smooth=True)
    suite.write()


if __name__ == "__main__":
    main()
