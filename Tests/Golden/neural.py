"""Writes neural.json: values and derivatives of the operations networks are made of.

A case names an operation and its settings, its inputs, a cotangent of the result and a tangent of
each input; and what PyTorch makes of them in float64: the value, the cotangents of the inputs
(vjp), the tangent of the result (jvp) and the product of the Hessian of `sum(result * cotangent)`
with the tangents (hvp).

Run: python3 Tests/Golden/neural.py [OUTPUT_DIRECTORY]
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from calculus.cases import Suite


def amounts(settings, spatial, sizes):
    """Padding before and after each spatial axis."""
    padding = settings.get("padding", "valid")
    if padding == "valid":
        return [(0, 0)] * len(spatial)
    if padding == "same":
        stride, dilation = settings.get("stride", 1), settings.get("dilation", 1)
        result = []
        for n, k in zip(spatial, sizes):
            total = max((math.ceil(n / stride) - 1) * stride + (k - 1) * dilation + 1 - n, 0)
            result.append((total // 2, total - total // 2))
        return result
    return list(zip(*padding))


def padded(x, pads, value=0.0):
    """Channels first: the last axes are padded."""
    return F.pad(x, [n for pair in reversed(pads) for n in pair], value=value)


def conv(settings, x, kernel):
    n = x.ndim - 2
    first = (0, n + 1, *range(1, n + 1))
    pads = amounts(settings, x.shape[1:-1], kernel.shape[:n])
    function = {1: F.conv1d, 2: F.conv2d}[n]
    y = function(
        padded(x.permute(first), pads).contiguous(),
        kernel.permute(n + 1, n, *range(n)).contiguous(),
        stride=settings.get("stride", 1), dilation=settings.get("dilation", 1))
    return y.permute(0, *range(2, n + 2), 1)


def jax_conv(settings, x, kernel):
    n = x.ndim - 2
    spec = {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC")}[n]
    padding = settings.get("padding", "valid")
    return jax.lax.conv_general_dilated(
        x, kernel, (settings.get("stride", 1),) * n,
        padding.upper() if isinstance(padding, str) else list(zip(*padding)),
        rhs_dilation=(settings.get("dilation", 1),) * n, dimension_numbers=spec)


def max_pool(settings, x):
    size = settings["size"]
    settings = {"stride": size, **settings}
    pads = amounts(settings, x.shape[1:-1], [size, size])
    y = F.max_pool2d(
        padded(x.permute(0, 3, 1, 2), pads, -math.inf), size, stride=settings["stride"])
    return y.permute(0, 2, 3, 1)


def avg_pool(settings, x):
    size = settings["size"]
    settings = {"stride": size, **settings}
    pads = amounts(settings, x.shape[1:-1], [size, size])

    def sums(t):
        return F.avg_pool2d(padded(t.permute(0, 3, 1, 2), pads), size, stride=settings["stride"])

    return (sums(x) / sums(torch.ones_like(x))).permute(0, 2, 3, 1)


def jax_max_pool(settings, x):
    size = settings["size"]
    stride = settings.get("stride", size)
    return jax.lax.reduce_window(
        x, -jnp.inf, jax.lax.max, (1, size, size, 1), (1, stride, stride, 1), "SAME")


def windows(settings, x):
    axis, size, dilation = settings["axis"], settings["size"], settings.get("dilation", 1)
    reach = (size - 1) * dilation + 1
    w = x.unfold(axis, reach, settings.get("step", 1))[..., ::dilation]
    return w.movedim(-1, axis + 1)


def take(settings, x):
    indices = torch.tensor(settings["indices"], dtype=torch.int64)
    return x[(slice(None),) * settings["axis"] + (indices,)]


def lstm(settings, x, kernel, recurrent, bias):
    """torch.nn.LSTM with Keras's weights: gates are i, f, c, o in both."""
    layer = torch.nn.LSTM(kernel.shape[0], recurrent.shape[0], batch_first=True)
    weights = {
        "weight_ih_l0": kernel.T, "weight_hh_l0": recurrent.T, "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias)}
    outputs, (h, c) = torch.func.functional_call(layer, weights, (x,))
    return outputs


def gpt(settings, *weights):
    """The loss of a language model of one block: pre-norm, causal, with GPT-2's gelu."""
    tokens = torch.tensor(settings["indices"])
    heads, epsilon = settings["size"], settings["epsilon"]
    (table, places, g1, b1, qkv, qkv_bias, out, out_bias, g2, b2, up, up_bias, down, down_bias,
     g3, b3, head, head_bias) = weights
    width = table.shape[1]
    x = F.embedding(tokens[:, :-1], table) + places
    n, length = x.shape[:2]
    h = F.layer_norm(x, (width,), g1, b1, epsilon) @ qkv + qkv_bias
    q, k, v = (
        part.reshape(n, length, heads, width // heads).transpose(1, 2)
        for part in h.split(width, -1))
    h = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    x = x + h.transpose(1, 2).reshape(n, length, width) @ out + out_bias
    h = F.gelu(F.layer_norm(x, (width,), g2, b2, epsilon) @ up + up_bias, approximate="tanh")
    x = x + h @ down + down_bias
    logits = F.layer_norm(x, (width,), g3, b3, epsilon) @ head + head_bias
    return F.cross_entropy(logits.reshape(-1, table.shape[0]), tokens[:, 1:].reshape(-1))


OPERATIONS = {
    "gpt": gpt,
    "conv1d": conv,
    "conv2d": conv,
    "maxPool2d": max_pool,
    "avgPool2d": avg_pool,
    "windows": windows,
    "take": take,
    "takeAlongAxis": lambda s, x: torch.take_along_dim(x, torch.tensor(s["indices"]), s["axis"]),
    "embedding": lambda s, x: F.embedding(torch.tensor(s["indices"]), x),
    "layerNorm": lambda s, x, *p: F.layer_norm(x, x.shape[-1:], *p, eps=s["epsilon"]),
    "gelu": lambda s, x: F.gelu(x, approximate=s["form"]),
    "silu": lambda s, x: F.silu(x),
    "softplus": lambda s, x: -F.logsigmoid(-x),  # F.softplus is linear from some point on
    "leakyRelu": lambda s, x: F.leaky_relu(x, s["slope"]),
    "logSumExp": lambda s, x: torch.logsumexp(x, s["axis"], keepdim=s["keepDims"]),
    "crossEntropy": lambda s, x: F.cross_entropy(
        x.reshape(-1, x.shape[-1]), torch.tensor(s["labels"]).reshape(-1)),
    "attention": lambda s, q, k, v: F.scaled_dot_product_attention(
        q, k, v, is_causal=s["isCausal"]),
    "lstm": lstm,
}
JAX = {
    "conv1d": jax_conv,
    "conv2d": jax_conv,
    "maxPool2d": jax_max_pool,
    "take": lambda s, x: jnp.take(x, jnp.asarray(s["indices"], dtype=int), s["axis"]),
    "takeAlongAxis": lambda s, x: jnp.take_along_axis(x, jnp.asarray(s["indices"]), s["axis"]),
    "embedding": lambda s, x: x[jnp.asarray(s["indices"])],
    "gelu": lambda s, x: jax.nn.gelu(x, approximate=s["form"] == "tanh"),
    "silu": lambda s, x: jax.nn.silu(x),
    "softplus": lambda s, x: jax.nn.softplus(x),
    "logSumExp": lambda s, x: jax.nn.logsumexp(x, s["axis"], keepdims=s["keepDims"]),
}

suite = Suite("neural", 20270, OPERATIONS, JAX, digits=None)
normal = suite.normal


def cases():
    """Name, operation, settings, inputs."""
    def conv2d(name, x, kernel, **settings):
        return (f"conv2d, {name}", "conv2d", settings, [normal(*x), normal(*kernel)])

    yield conv2d("3x3", (2, 5, 6, 3), (3, 3, 3, 4))
    yield conv2d("1x1", (2, 3, 4, 2), (1, 1, 2, 3))
    yield conv2d("1x1 in steps", (2, 5, 4, 2), (1, 1, 2, 3), stride=2)
    yield conv2d("the whole image", (2, 3, 4, 2), (3, 4, 2, 3))
    yield conv2d("one channel", (1, 6, 5, 1), (2, 3, 1, 1))
    yield conv2d("stride 2", (2, 7, 6, 2), (3, 3, 2, 3), stride=2)
    yield conv2d("stride 3 with a rest", (1, 9, 8, 2), (2, 2, 2, 2), stride=3)
    yield conv2d("windows side by side", (1, 7, 6, 2), (2, 2, 2, 2), stride=2)
    yield conv2d("dilation 2", (1, 7, 8, 2), (3, 2, 2, 2), dilation=2)
    yield conv2d("stride 2, dilation 3", (1, 9, 10, 1), (2, 3, 1, 2), stride=2, dilation=3)
    yield conv2d("same", (2, 5, 4, 2), (3, 2, 2, 2), padding="same")
    yield conv2d("same, stride 2", (1, 6, 5, 2), (3, 3, 2, 2), padding="same", stride=2)
    yield conv2d("same, stride 3", (1, 7, 8, 1), (2, 2, 1, 2), padding="same", stride=3)
    yield conv2d("same, dilation 2", (1, 6, 5, 1), (3, 2, 1, 2), padding="same", dilation=2)
    yield conv2d(
        "uneven padding", (1, 4, 4, 2), (3, 3, 2, 1), padding=[[1, 0], [2, 3]], stride=2)
    yield ("conv1d", "conv1d", {}, [normal(2, 7, 3), normal(3, 3, 2)])
    yield (
        "conv1d, same, stride 2", "conv1d", {"padding": "same", "stride": 2},
        [normal(2, 8, 2), normal(3, 2, 2)])

    ties = suite.random.integers(0, 2, (2, 6, 6, 2)).astype(float)
    yield ("maxPool2d", "maxPool2d", {"size": 2}, [normal(2, 4, 6, 3)])
    yield ("maxPool2d with a rest", "maxPool2d", {"size": 3}, [normal(1, 7, 8, 2)])
    yield ("maxPool2d with ties", "maxPool2d", {"size": 2}, [ties])
    yield ("maxPool2d of equals", "maxPool2d", {"size": 3}, [np.ones((1, 3, 6, 1))])
    yield ("maxPool2d, overlapping", "maxPool2d", {"size": 3, "stride": 2}, [normal(2, 7, 7, 2)])
    yield ("maxPool2d, overlapping ties", "maxPool2d", {"size": 3, "stride": 1}, [ties])
    yield ("maxPool2d with gaps", "maxPool2d", {"size": 2, "stride": 3}, [normal(1, 8, 7, 1)])
    yield (
        "maxPool2d, same", "maxPool2d", {"size": 3, "stride": 2, "padding": "same"},
        [normal(1, 6, 5, 2) - 3])
    yield ("maxPool2d, one element", "maxPool2d", {"size": 1}, [normal(1, 2, 2, 1)])
    yield ("avgPool2d", "avgPool2d", {"size": 2}, [normal(2, 4, 5, 2)])
    yield ("avgPool2d, overlapping", "avgPool2d", {"size": 3, "stride": 2}, [normal(1, 7, 8, 2)])
    yield (
        "avgPool2d, same", "avgPool2d", {"size": 3, "stride": 2, "padding": "same"},
        [normal(1, 6, 5, 2)])

    yield ("windows", "windows", {"axis": 1, "size": 3}, [normal(2, 6, 2)])
    yield (
        "windows, step and dilation", "windows", {"axis": 0, "size": 3, "step": 2, "dilation": 2},
        [normal(9, 2)])
    yield (
        "windows with gaps", "windows", {"axis": 1, "size": 2, "step": 3}, [normal(2, 9)])

    yield ("take", "take", {"axis": 0, "indices": [3, 0, 3, 3]}, [normal(4, 3)])
    yield (
        "take along a middle axis", "take", {"axis": 1, "indices": [[2, 0], [2, 1], [2, 2]]},
        [normal(2, 3, 2)])
    yield ("take a number", "take", {"axis": 1, "indices": 2}, [normal(3, 4)])
    yield ("take nothing", "take", {"axis": 0, "indices": []}, [normal(3, 2)])
    yield (
        "takeAlongAxis", "takeAlongAxis", {"axis": 1, "indices": [[0, 2, 2, 2], [1, 1, 0, 2]]},
        [normal(2, 3)])
    yield (
        "takeAlongAxis 0", "takeAlongAxis", {"axis": 0, "indices": [[2, 0, 1], [2, 2, 1]]},
        [normal(3, 3)])
    yield (
        "embedding", "embedding", {"indices": [[0, 4, 1], [1, 1, 3]]}, [normal(5, 3)])

    for epsilon in (1e-5, 1e-3):
        yield (
            f"layerNorm, epsilon {epsilon}", "layerNorm", {"epsilon": epsilon},
            [normal(2, 3, 5), normal(5), normal(5)])
    yield ("layerNorm alone", "layerNorm", {"epsilon": 1e-5}, [normal(3, 4)])
    points = np.array([-40.0, -5, -1.5, -0.3, 0, 0.3, 1, 2.5, 40])
    for form in ("none", "tanh"):
        yield (f"gelu, {form}", "gelu", {"form": form}, [points])
    yield ("silu", "silu", {}, [np.append(points, [-800, 800])])
    yield ("softplus", "softplus", {}, [np.append(points, [-800, 800])])
    yield ("leakyRelu", "leakyRelu", {"slope": 0.2}, [points])
    yield ("logSumExp", "logSumExp", {"axis": 1, "keepDims": False}, [normal(3, 4) * 10])
    yield (
        "logSumExp of large numbers", "logSumExp", {"axis": 0, "keepDims": True},
        [np.array([[1000.0, -1e5], [999.0, -1e5 + 2]])])
    yield (
        "crossEntropy", "crossEntropy", {"labels": [2, 0, 2, 1]}, [normal(4, 3) * 3])
    yield (
        "crossEntropy of sequences", "crossEntropy", {"labels": [[0, 4, 1], [3, 3, 2]]},
        [normal(2, 3, 5)])
    yield (
        "crossEntropy of large logits", "crossEntropy", {"labels": [1, 0]},
        [np.array([[1000.0, -1000.0], [800.0, 801.0]])])

    for causal in (False, True):
        yield (
            f"attention, causal {causal}", "attention", {"isCausal": causal},
            [normal(2, 2, 4, 3), normal(2, 2, 4, 3), normal(2, 2, 4, 2)])
    yield (
        "attention over other positions", "attention", {"isCausal": False},
        [normal(3, 4), normal(5, 4), normal(5, 2)])
    yield (
        "attention, causal, fewer keys", "attention", {"isCausal": True},
        [normal(1, 5, 2), normal(1, 3, 2), normal(1, 3, 2)])

    yield (
        "lstm", "lstm", {}, [normal(2, 4, 3), normal(3, 8), normal(2, 8) * 0.5, normal(8)])
    yield (
        "lstm, one step", "lstm", {}, [normal(3, 1, 2), normal(2, 4), normal(1, 4), normal(4)])

    shapes = [
        (7, 8), (4, 8), (8,), (8,), (8, 24), (24,), (8, 8), (8,), (8,), (8,), (8, 16), (16,),
        (16, 8), (8,), (8,), (8,), (8, 7), (7,)]
    yield (
        "a small language model", "gpt",
        {"indices": [[0, 6, 3, 3, 1], [5, 2, 2, 4, 0]], "size": 2, "epsilon": 1e-5},
        [normal(*shape) * 0.5 for shape in shapes])


def main():
    # Of PyTorch's attentions the one with derivatives of all orders.
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        for name, operation, settings, inputs in cases():
            # JAX's function is that of padding "same", and derives ties otherwise.
            pools = operation == "maxPool2d" and settings.get("padding") != "same"
            suite.add(name, operation, inputs, settings, torch_only=pools)
    suite.write()


if __name__ == "__main__":
    main()
