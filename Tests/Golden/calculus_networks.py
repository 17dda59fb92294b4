"""Writes calculus_networks.json: convolutions and their transposes, pooling, resampling,
normalization and attention with all options, with derivatives.

Channels lie along the last axis, where PyTorch has them behind the batch. JAX checks what it has:
convolutions and linear resampling.

Run: python3 Tests/Golden/calculus_networks.py [OUTPUT_DIRECTORY]
"""

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from calculus.cases import Suite


def first(x):
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def keep(s, *names):
    return {name: s[name] for name in names if name in s}


def conv(s, x, kernel):
    n = x.ndim - 2
    function = (F.conv1d, F.conv2d, F.conv3d)[n - 1]
    return last(function(
        first(x), kernel.permute(n + 1, n, *range(n)),
        **keep(s, "stride", "padding", "dilation", "groups")))


def conv_transpose(s, x, kernel):
    n = x.ndim - 2
    function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[n - 1]
    return last(function(
        first(x), kernel.permute(n + 1, n, *range(n)),
        **keep(s, "stride", "padding", "output_padding", "dilation", "groups")))


def amounts(s, key, n, default):
    value = s.get(key, default)
    return tuple(value) if isinstance(value, list) else (value,) * n


def jax_conv(s, x, kernel):
    n = x.ndim - 2
    return jax.lax.conv_general_dilated(
        x, kernel, amounts(s, "stride", n, 1), [(p, p) for p in amounts(s, "padding", n, 0)],
        rhs_dilation=amounts(s, "dilation", n, 1), feature_group_count=s.get("groups", 1),
        dimension_numbers=(("NWC", "WIO", "NWC"), ("NHWC", "HWIO", "NHWC"),
                           ("NDHWC", "DHWIO", "NDHWC"))[n - 1])


def pool(name):
    def function(s, x):
        n = x.ndim - 2
        options = {"count_include_pad": s["counts"]} if "counts" in s else {}
        return last(getattr(F, f"{name}_pool{n}d")(
            first(x), s["size"], **keep(s, "stride", "padding", "dilation"), **options))

    return function


def adaptive(name):
    return lambda s, x: last(
        getattr(F, f"adaptive_{name}_pool{x.ndim - 2}d")(first(x), s["size"]))


def upsample(s, x):
    mode = s["mode"]
    options = {}
    if mode == "linear":
        mode = ("linear", "bilinear", "trilinear")[x.ndim - 3]
        options = {"align_corners": s.get("align", False)}
    size = s.get("size")
    scale = s.get("scale")
    return last(F.interpolate(
        first(x), size=tuple(size) if isinstance(size, list) else size, scale_factor=scale,
        mode=mode, **options))


def jax_upsample(s, x):
    if s["mode"] != "linear" or s.get("align"):
        raise NotImplementedError
    n = x.ndim - 2
    if "size" in s:
        size = amounts(s, "size", n, 0)
    else:
        size = tuple(e * f for e, f in zip(x.shape[1:-1], amounts(s, "scale", n, 1)))
    return jax.image.resize(
        x, (x.shape[0], *size, x.shape[-1]), "linear", antialias=False)


def batch_norm(s, x, scale, offset):
    return last(F.batch_norm(
        first(x), None, None, scale, offset, training=True, eps=s["epsilon"]))


def batch_norm_in_use(s, x, mean, variance, scale, offset):
    shape = (1,) * (x.ndim - 1) + (-1,)
    return (x - mean.reshape(shape)) / torch.sqrt(variance + s["epsilon"]) * scale + offset


def attention(s, q, k, v):
    mask = torch.tensor(s["mask"]) if "mask" in s else None
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=s.get("causal", False), scale=s.get("scale"))


def attention_with_bias(s, q, k, v, bias):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


OPERATIONS = {
    "conv": conv,
    "convTranspose": conv_transpose,
    "maxPool": pool("max"),
    "avgPool": pool("avg"),
    "adaptiveAvgPool": adaptive("avg"),
    "adaptiveMaxPool": adaptive("max"),
    "upsample": upsample,
    "batchNorm": batch_norm,
    "batchNormInUse": batch_norm_in_use,
    "groupNorm": lambda s, x, scale, offset: last(
        F.group_norm(first(x), s["groups"], scale, offset, s["epsilon"])),
    "instanceNorm": lambda s, x: last(F.instance_norm(first(x), eps=s["epsilon"])),
    "rmsNorm": lambda s, x, scale: F.rms_norm(x, x.shape[-1:], scale, s["epsilon"]),
    "attention": attention,
    "attentionWithBias": attention_with_bias,
}
JAX = {"conv": jax_conv, "upsample": jax_upsample}

suite = Suite("calculus_networks", 20320, OPERATIONS, JAX)
add, normal = suite.add, suite.normal


def conv_case(name, x, kernel, **settings):
    add(f"conv{len(x) - 2}d, {name}", "conv", [normal(*x), normal(*kernel)], settings)


def transposed_case(name, x, kernel, **settings):
    add(f"convTranspose{len(x) - 2}d, {name}", "convTranspose", [normal(*x), normal(*kernel)],
        settings)


conv_case("groups", (2, 6, 4), (3, 2, 6), groups=2)
conv_case("each channel alone", (1, 6, 3), (2, 1, 3), groups=3, stride=2)
conv_case("groups", (1, 4, 5, 4), (2, 3, 2, 4), groups=2, padding=1)
conv_case("each channel alone, twice", (1, 4, 4, 3), (3, 3, 1, 6), groups=3, padding=1)
conv_case("other amounts along each axis", (1, 7, 6, 2), (3, 2, 2, 2), stride=[2, 1],
          padding=[1, 0], dilation=[1, 2])
conv_case("plain", (1, 3, 4, 3, 2), (2, 2, 2, 2, 3))
conv_case("everything", (1, 4, 2, 3, 4), (2, 1, 2, 2, 2), stride=[2, 1, 2], padding=[1, 0, 1],
          dilation=[2, 1, 1], groups=2)

transposed_case("plain", (2, 4, 3), (3, 2, 3))
transposed_case("stride 2", (1, 4, 2), (3, 2, 2), stride=2, padding=1, output_padding=1)
transposed_case("stride beyond the kernel", (1, 3, 2), (2, 1, 2), stride=3, output_padding=2)
transposed_case("dilation and groups", (1, 4, 4), (2, 3, 4), dilation=3, groups=2)
transposed_case("plain", (1, 3, 2, 3), (2, 3, 2, 3))
transposed_case("stride 2, padding 1", (2, 3, 3, 2), (3, 3, 2, 2), stride=2, padding=1)
transposed_case("everything", (1, 3, 2, 4), (2, 2, 2, 4), stride=[2, 3], padding=[1, 0],
                output_padding=[1, 2], dilation=[2, 1], groups=2)
transposed_case("plain", (1, 2, 2, 2, 2), (2, 1, 2, 2, 2))
transposed_case("everything", (1, 2, 2, 2, 4), (2, 2, 1, 1, 4), stride=2, padding=[1, 0, 0],
                output_padding=1, groups=2)

for axes in (1, 2, 3):
    shape = (1, 5, 4, 3)[: axes + 1] + (1 if axes == 3 else 2,)
    ties = suite.random.integers(0, 2, shape).astype(float)
    add(f"maxPool{axes}d", "maxPool", [normal(*shape)], {"size": 2}, smooth=axes < 3)
    add(f"maxPool{axes}d of ties, overlapping, padded", "maxPool", [ties],
        {"size": 3, "stride": 2, "padding": 1})
    add(f"avgPool{axes}d", "avgPool", [normal(*shape)], {"size": 2})
    add(f"avgPool{axes}d, overlapping, padded", "avgPool", [normal(*shape)],
        {"size": 3, "stride": 2, "padding": 1, "counts": False})
    add(f"avgPool{axes}d, counting the padding", "avgPool", [normal(*shape)],
        {"size": 3, "stride": 2, "padding": 1, "counts": True})
    add(f"adaptiveAvgPool{axes}d", "adaptiveAvgPool", [normal(*shape)], {"size": [3, 3, 2][:axes]})
    add(f"adaptiveAvgPool{axes}d to one", "adaptiveAvgPool", [normal(*shape)], {"size": 1})
    add(f"adaptiveMaxPool{axes}d", "adaptiveMaxPool", [normal(*shape)], {"size": [3, 3, 2][:axes]})
    add(f"adaptiveMaxPool{axes}d of ties", "adaptiveMaxPool", [ties], {"size": 2})
    add(f"upsample {axes}d, nearest", "upsample", [normal(*shape)], {"mode": "nearest", "scale": 2})
    add(f"upsample {axes}d, linear", "upsample", [normal(*shape)], {"mode": "linear", "scale": 2})
    add(f"upsample {axes}d, aligned", "upsample", [normal(*shape)],
        {"mode": "linear", "size": [7, 6, 4][:axes], "align": True})
add("maxPool2d, other amounts along each axis", "maxPool", [normal(1, 7, 6, 2)],
    {"size": [3, 2], "stride": [2, 1], "padding": [1, 0], "dilation": [1, 2]})
add("adaptiveAvgPool1d to more", "adaptiveAvgPool", [normal(1, 3, 2)], {"size": 5})
add("adaptiveMaxPool1d to more", "adaptiveMaxPool", [normal(1, 3, 2)], {"size": 5})
add("upsample 1d, nearest to fewer", "upsample", [normal(1, 7, 2)], {"mode": "nearest", "size": 3})
add("upsample 1d, nearest to some", "upsample", [normal(1, 5, 2)], {"mode": "nearest", "size": 7})
add("upsample 1d, linear to fewer", "upsample", [normal(1, 7, 2)], {"mode": "linear", "size": 3})
add("upsample 1d, aligned to one", "upsample", [normal(1, 4, 2)],
    {"mode": "linear", "size": 1, "align": True})
add("upsample 1d of one", "upsample", [normal(1, 1, 2)], {"mode": "linear", "size": 3})

for shape in ((5, 3), (2, 4, 3), (2, 3, 2, 3)):
    add(f"batchNorm of {len(shape)} axes", "batchNorm", [normal(*shape), normal(3), normal(3)],
        {"epsilon": 1e-5}, smooth=len(shape) < 4)
    add(f"batchNorm in use of {len(shape)} axes", "batchNormInUse",
        [normal(*shape), normal(3), np.abs(normal(3)) + 0.1, normal(3), normal(3)],
        {"epsilon": 1e-3})
for groups in (1, 2, 4):
    add(f"groupNorm, {groups} groups", "groupNorm", [normal(2, 3, 4), normal(4), normal(4)],
        {"groups": groups, "epsilon": 1e-5}, smooth=groups == 2)
add("groupNorm of images", "groupNorm", [normal(2, 2, 3, 4), normal(4), normal(4)],
    {"groups": 2, "epsilon": 1e-3})
add("groupNorm of vectors", "groupNorm", [normal(2, 4), normal(4), normal(4)],
    {"groups": 2, "epsilon": 1e-3})
add("groupNorm of equals", "groupNorm", [np.ones((1, 3, 4)), normal(4), normal(4)],
    {"groups": 2, "epsilon": 1e-3})
add("instanceNorm", "instanceNorm", [normal(2, 4, 3)], {"epsilon": 1e-5})
add("rmsNorm", "rmsNorm", [normal(2, 3, 4), normal(4)], {"epsilon": 1e-6}, smooth=True)
add("rmsNorm of zeros", "rmsNorm", [np.zeros((2, 3)), normal(3)], {"epsilon": 1e-3})

# Of PyTorch's attentions the one with derivatives of all orders.
torch.backends.cuda.enable_flash_sdp(False)
torch.backends.cuda.enable_mem_efficient_sdp(False)
q, k, v = (2, 3, 4), (2, 5, 4), (2, 5, 2)
mask = [[True, False, True, True, False], [False, False, False, True, False], [True] * 5]
add("attention with a mask", "attention", [normal(*q), normal(*k), normal(*v)], {"mask": mask})
add("attention with a mask for each of the batch", "attention",
    [normal(*q), normal(*k), normal(*v)], {"mask": [mask, mask[::-1]]})
add("attention, nothing to see", "attention", [normal(*q), normal(*k), normal(*v)],
    {"mask": [[False] * 5, mask[0], [False] * 5]})
add("attention with a scale", "attention", [normal(*q), normal(*k), normal(*v)],
    {"scale": 0.3, "causal": True}, smooth=True)
add("attention with a bias", "attentionWithBias",
    [normal(*q), normal(*k), normal(*v), normal(3, 5)], smooth=True)
add("attention without keys", "attention", [normal(2, 3, 4), normal(2, 0, 4), normal(2, 0, 2)])
add("attention without queries", "attention", [normal(2, 0, 4), normal(2, 3, 4), normal(2, 3, 2)])
add("attention of width 0", "attention", [normal(2, 3, 0), normal(2, 5, 0), normal(2, 5, 2)])

suite.write()
