"""Writes calculus_losses.json: losses of all options, with derivatives.

Classes and vectors lie along the last axis, where PyTorch has them behind the batch.

Run: python3 Tests/Golden/calculus_losses.py [OUTPUT_DIRECTORY]
"""

import numpy as np
import torch
import torch.nn.functional as F

from calculus.cases import Suite

INF = np.inf


def options(s, *names):
    return {name: s[name] for name in names if name in s} | {"reduction": s.get("reduction", "mean")}


def classes_first(x):
    return x if x.ndim < 3 else x.movedim(-1, 1)


def cross_entropy(s, x, *rest):
    labels = torch.tensor(s["labels"]) if "labels" in s else classes_first(rest[0])
    weights = torch.tensor(s["weights"]) if "weights" in s else None
    return F.cross_entropy(
        classes_first(x), labels, weights, label_smoothing=s.get("smoothing", 0.0),
        ignore_index=s.get("ignore", -100), reduction=s.get("reduction", "mean"))


def nll(s, x):
    weights = torch.tensor(s["weights"]) if "weights" in s else None
    return F.nll_loss(
        classes_first(x), torch.tensor(s["labels"]), weights, ignore_index=s.get("ignore", -100),
        reduction=s.get("reduction", "mean"))


def bce_with_logits(s, x, t):
    positive = torch.tensor(s["positive"]) if "positive" in s else None
    return F.binary_cross_entropy_with_logits(x, t, pos_weight=positive, **options(s))


OPERATIONS = {
    "mse": lambda s, x, t: F.mse_loss(x, t, **options(s)),
    "l1": lambda s, x, t: F.l1_loss(x, t, **options(s)),
    "huber": lambda s, x, t: F.huber_loss(x, t, **options(s, "delta")),
    "smoothL1": lambda s, x, t: F.smooth_l1_loss(x, t, **options(s, "beta")),
    "bce": lambda s, x, *t: F.binary_cross_entropy(
        x, t[0] if t else torch.tensor(s["targets"]), **options(s)),
    "bceWeighted": lambda s, x, t: F.binary_cross_entropy(
        x, t, torch.tensor(s["weights"]), **options(s)),
    "bceWithLogits": bce_with_logits,
    "klDiv": lambda s, x, t: F.kl_div(x, t, **options(s, "log_target")),
    "hinge": lambda s, x: torch.relu(1 - torch.tensor(s["targets"]) * x).mean(),
    "hingeEmbedding": lambda s, x: F.hinge_embedding_loss(
        x, torch.tensor(s["targets"]), **options(s, "margin")),
    "poisson": lambda s, x: F.poisson_nll_loss(
        x, torch.tensor(s["targets"]), **options(s, "log_input", "full", "eps")),
    "gaussian": lambda s, x, t, v: F.gaussian_nll_loss(x, t, v, **options(s, "full", "eps")),
    "crossEntropy": cross_entropy,
    "nll": nll,
    "cosineSimilarity": lambda s, a, b: F.cosine_similarity(a, b, dim=s.get("axis", -1)),
    "cosineEmbedding": lambda s, a, b: F.cosine_embedding_loss(
        a, b, torch.tensor(s["targets"]), **options(s, "margin")),
    "pairwiseDistance": lambda s, a, b: F.pairwise_distance(
        a, b, p=float(s["p"]), eps=s.get("eps", 1e-6)),
    "tripletMargin": lambda s, a, p, n: F.triplet_margin_loss(
        a, p, n, **options(s, "margin", "p", "swap")),
    "marginRanking": lambda s, a, b: F.margin_ranking_loss(
        a, b, torch.tensor(s["targets"]), **options(s, "margin")),
}

suite = Suite("calculus_losses", 20310, OPERATIONS, {})
add, normal, random = suite.add, suite.normal, suite.random
REDUCTIONS = ("mean", "sum", "none")


def probabilities(*shape):
    e = np.exp(normal(*shape))
    return e / e.sum(-1, keepdims=True)


for reduction in REDUCTIONS:
    s = {"reduction": reduction}
    for name in ("mse", "l1"):
        add(f"{name}, {reduction}", name, [normal(2, 3), normal(2, 3)], s, smooth=True)
    add(f"huber, {reduction}", "huber", [normal(2, 3) * 2, normal(2, 3)], s | {"delta": 0.7},
        smooth=True)
    add(f"smoothL1, {reduction}", "smoothL1", [normal(2, 3) * 2, normal(2, 3)], s | {"beta": 0.5},
        smooth=True)
    add(f"bce, {reduction}", "bce",
        [random.uniform(0.1, 0.9, (2, 3)), random.uniform(0, 1, (2, 3))], s, smooth=True)
    add(f"bceWithLogits, {reduction}", "bceWithLogits",
        [normal(2, 3) * 3, random.uniform(0, 1, (2, 3))], s, smooth=True)
    add(f"klDiv, {reduction}", "klDiv", [np.log(probabilities(2, 3)), probabilities(2, 3)], s,
        smooth=True)
    add(f"klDiv of logarithms, {reduction}", "klDiv",
        [np.log(probabilities(2, 3)), np.log(probabilities(2, 3))], s | {"log_target": True},
        smooth=True)
    add(f"poisson, {reduction}", "poisson", [normal(5)], s | {"targets": [0, 1, 2, 5, 3]})
    add(f"gaussian, {reduction}", "gaussian",
        [normal(2, 3), normal(2, 3), random.uniform(0.2, 2, (2, 3))], s, smooth=True)
    add(f"crossEntropy, {reduction}", "crossEntropy", [normal(4, 3) * 2],
        s | {"labels": [2, 0, 2, 1]}, smooth=True)
    add(f"crossEntropy of probabilities, {reduction}", "crossEntropy",
        [normal(4, 3) * 2, probabilities(4, 3)], s, smooth=True)
    add(f"crossEntropy, everything, {reduction}", "crossEntropy",
        [normal(5, 4) * 2],
        s | {"labels": [3, -100, 0, 3, 1], "ignore": -100, "smoothing": 0.1,
             "weights": [0.3, 1.7, 0.9, 1.2]})
    add(f"nll, {reduction}", "nll", [np.log(probabilities(4, 3))], s | {"labels": [2, 0, 2, 1]})
    add(f"nll with weights, {reduction}", "nll",
        [np.log(probabilities(4, 3))],
        s | {"labels": [2, 0, 1, 1], "ignore": 1, "weights": [0.3, 1.7, 0.9]})
    add(f"cosineEmbedding, {reduction}", "cosineEmbedding", [normal(4, 3), normal(4, 3)],
        s | {"targets": [1, -1, 1, -1], "margin": 0.1})
    add(f"tripletMargin, {reduction}", "tripletMargin",
        [normal(4, 3), normal(4, 3), normal(4, 3)], s)
    add(f"marginRanking, {reduction}", "marginRanking", [normal(4), normal(4)],
        s | {"targets": [1, -1, 1, -1], "margin": 0.3})
    add(f"hingeEmbedding, {reduction}", "hingeEmbedding", [normal(5) * 2],
        s | {"targets": [1, -1, 1, -1, -1], "margin": 0.8})

add("klDiv, the mean of the batch", "klDiv",
    [np.log(probabilities(3, 4)), probabilities(3, 4)], {"reduction": "batchmean"})
add("klDiv with a probability of 0", "klDiv",
    [np.log(probabilities(1, 3)), [[0.0, 0.25, 0.75]]], order=0)
add("mse of equals", "mse", [np.ones((2, 2)), np.ones((2, 2))])
add("l1 of equals", "l1", [np.ones((2, 2)), np.ones((2, 2))])
add("huber of large residuals", "huber", [[1e200, -1e5, 0.3], [0.0, 0, 0.3]])
add("huber at delta", "huber", [[1.0, -1.0], [0.0, 0.0]], order=1)
add("smoothL1 without beta", "smoothL1", [normal(4), normal(4)], {"beta": 0.0})
add("bce with weights", "bceWeighted",
    [random.uniform(0.1, 0.9, (2, 3)), random.uniform(0, 1, (2, 3))],
    {"weights": [0.5, 1.0, 2.5]}, smooth=True)
add("bceWithLogits of large logits", "bceWithLogits",
    [[1000.0, 1000, -1000, -1000, 0, 40, -40], [0.0, 1, 0, 1, 0.5, 1, 0]])
add("bceWithLogits with weights of the positive", "bceWithLogits",
    [normal(3, 2) * 2, random.uniform(0, 1, (3, 2))],
    {"positive": [0.3, 2.5]}, smooth=True)
add("bceWithLogits with weights, large logits", "bceWithLogits",
    [[[1000.0, 500], [-1000, -500]], [[0.0, 1], [0, 1]]],
    {"positive": [0.3, 2.5]})
add("hinge", "hinge", [normal(6) * 2], {"targets": [1, -1, 1, 1, -1, -1]})
add("poisson of rates", "poisson", [random.uniform(0.5, 4, 4)],
    {"targets": [0, 1, 2, 5], "log_input": False})
add("poisson, full", "poisson", [normal(4)], {"targets": [0, 1, 2, 5], "full": True})
add("gaussian, full", "gaussian", [normal(2, 3), normal(2, 3), random.uniform(0.2, 2, (2, 1))],
    {"full": True}, smooth=True)
add("gaussian of small variances", "gaussian", [normal(3), normal(3), [1e-9, 0.5, 1e-7]],
    {"eps": 1e-3})
add("crossEntropy of sequences", "crossEntropy", [normal(2, 3, 4)],
    {"labels": [[0, 3, 1], [2, 2, 0]]}, smooth=True)
add("crossEntropy of sequences of probabilities", "crossEntropy",
    [normal(2, 3, 4), probabilities(2, 3, 4)], {"smoothing": 0.2}, smooth=True)
add("crossEntropy of sequences, ignoring", "crossEntropy", [normal(2, 3, 4)],
    {"labels": [[0, 7, 1], [7, 7, 0]], "ignore": 7, "smoothing": 0.1})
add("crossEntropy with weights", "crossEntropy", [normal(4, 3)],
    {"labels": [2, 0, 1, 1], "weights": [0.3, 1.7, 0.9]})
add("crossEntropy of probabilities with weights", "crossEntropy",
    [normal(4, 3), probabilities(4, 3)], {"weights": [0.3, 1.7, 0.9], "smoothing": 0.05},
    smooth=True)
add("crossEntropy, ignoring all", "crossEntropy", [normal(2, 3)],
    {"labels": [1, 1], "ignore": 1, "reduction": "sum"})
add("crossEntropy of large and infinite logits", "crossEntropy",
    [[[1000.0, -1000, -INF], [-INF, 5, 6], [800, 801, 700]]], {"labels": [1, 2, 0]})
add("crossEntropy of infinite logits, ignoring", "crossEntropy",
    [[[0.0, -INF, 1], [2, 5, -INF]]], {"labels": [-100, 1], "ignore": -100})
add("crossEntropy of one vector", "crossEntropy", [normal(5)], {"labels": 3})
add("crossEntropy with smoothing", "crossEntropy", [normal(3, 4) * 5],
    {"labels": [0, 3, 3], "smoothing": 0.3}, smooth=True)
add("cosineSimilarity", "cosineSimilarity", [normal(2, 4), normal(2, 4)], smooth=True)
add("cosineSimilarity along an axis", "cosineSimilarity", [normal(3, 2), normal(3, 2)],
    {"axis": 0}, smooth=True)
add("cosineSimilarity, broadcast", "cosineSimilarity", [normal(2, 1, 3), normal(4, 3)], smooth=True)
add("cosineSimilarity of short vectors", "cosineSimilarity",
    [[[1e-9, 2e-9], [3.0, 4.0]], [[1.0, 2], [1e-10, 0]]], order=1)
for p in (1, 2, 3.5):
    add(f"pairwiseDistance, p {p}", "pairwiseDistance", [normal(3, 4), normal(3, 4)], {"p": p})
add("tripletMargin, swapped", "tripletMargin", [normal(4, 3), normal(4, 3), normal(4, 3)],
    {"swap": True, "margin": 2.0})
add("tripletMargin, p 1", "tripletMargin", [normal(4, 3), normal(4, 3), normal(4, 3)], {"p": 1})
add("bce of probabilities of 0 and 1", "bce",
    [[0.0, 1, 0, 1, 0, 1, 1e-13, 1e-50, 1 - 1e-13]],
    {"targets": [0.0, 1, 1, 0, 0.5, 0.5, 0.3, 1, 0.7]}, order=0)
add("bce of small probabilities", "bce", [[1e-8, 1e-11, 1 - 1e-8]],
    {"targets": [0.0, 1e-12, 1.0]}, order=0)
add("huber at delta, the second derivative", "huber", [[0.5, -0.5, 2.0], [0.0, 0.0, 0.0]],
    {"delta": 0.5, "reduction": "sum"})
add("smoothL1 at beta", "smoothL1", [[0.5, -0.5, 0.25], [0.0, 0.0, 0.0]],
    {"beta": 0.5, "reduction": "sum"})
add("gaussian of a variance for each row", "gaussian",
    [normal(3, 2), normal(3, 2), random.uniform(0.2, 2, 3)], smooth=True)
for p in (1, 2):
    add(f"pairwiseDistance of equals, p {p}", "pairwiseDistance", [np.ones((2, 3)), np.ones((2, 3))],
        {"p": p, "eps": 0.0}, order=1)
add("cosineSimilarity, broadcast along the vectors", "cosineSimilarity", [normal(2, 3), normal(2, 1)])
add("cosineSimilarity of fewer axes", "cosineSimilarity", [normal(2, 3), normal(3)], {"axis": 0})
add("cosineSimilarity of a length beyond all numbers", "cosineSimilarity",
    [[1e200, 1e200], [1.0, 2.0]], order=0)

suite.write()
