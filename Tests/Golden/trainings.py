"""Golden trainings of whole networks by PyTorch in float64: a convolutional network with batch
normalization, a memory and gated units over series, perceptrons with every optimizer.

    python Tests/Golden/trainings.py [folder]

Weights and data are in this library's layouts: images [batch, height, width, channels], kernels
[height, width, in, out] and [in, out].
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

SEED = 17
STEPS = 12
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def array(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": x.ravel().tolist()}


def convolve(x, kernel, stride=1):
    return F.conv2d(
        x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), stride=stride).permute(0, 2, 3, 1)


def normalize(x, scale, offset, running, isTraining):
    moved = x.permute(0, 3, 1, 2)
    y = F.batch_norm(
        moved, running[0], running[1], scale, offset, training=isTraining, momentum=0.1)
    return y.permute(0, 2, 3, 1)


def convolutional(p, x, running, isTraining=True):
    x = F.relu(normalize(convolve(x, p["k0"]), p["scale0"], p["offset0"], running[0], isTraining))
    x = F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    x = F.relu(normalize(convolve(x, p["k1"]), p["scale1"], p["offset1"], running[1], isTraining))
    return x.mean((1, 2)) @ p["w"] + p["b"]


def memory(p, x):
    zeros = torch.zeros(1, x.shape[0], p["u"].shape[0])
    y, h, c = torch.lstm(
        x, (zeros, zeros),
        [p["k"].T.contiguous(), p["u"].T.contiguous(), p["b"], torch.zeros_like(p["b"])],
        True, 1, 0.0, True, False, True)
    return h[0] @ p["w"]


def gated(p, x):
    zeros = torch.zeros(1, x.shape[0], p["u"].shape[0])
    y, h = torch.gru(
        x, zeros, [p["k"].T.contiguous(), p["u"].T.contiguous(), p["b"], p["c"]], True, 1, 0.0,
        True, False, True)
    return h[0] @ p["w"]


def perceptron(p, x):
    return torch.tanh(F.gelu(x @ p["w0"] + p["b0"]) @ p["w1"] + p["b1"]) @ p["w2"]


# Adam's epsilon is next to nothing: libraries add it at different places.
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02, eps=1e-300),
    "adamW": lambda p: torch.optim.AdamW(p, lr=0.02, eps=1e-300, weight_decay=0.004),
}


def train(name, network, optimizer, parameters, x, y, running=None):
    """None where Adam would take a step by the sign of a slope that is nothing but rounding."""
    leaves = {k: torch.tensor(v, requires_grad=True) for k, v in parameters.items()}
    optimize = OPTIMIZERS[optimizer](leaves.values())
    data, labels = torch.tensor(x), torch.tensor(y)
    losses = []
    for _ in range(STEPS):
        arguments = (leaves, data) if running is None else (leaves, data, running)
        loss = F.cross_entropy(network(*arguments), labels)
        optimize.zero_grad()
        loss.backward()
        if "adam" in optimizer and any((p.grad.abs() < 1e-9).any() for p in leaves.values()):
            return None
        optimize.step()
        losses.append(loss.item())
    case = {
        "name": name, "optimizer": optimizer, "x": array(x), "y": array(y), "losses": losses,
        "initial": {k: array(v) for k, v in parameters.items()},
        "final": {k: array(v.detach()) for k, v in leaves.items()}}
    if running is not None:
        case["running"] = [array(r) for pair in running for r in pair]
        with torch.no_grad():
            case["inference"] = array(network(leaves, data, running, False))
    return case


def main():
    random = np.random.default_rng(SEED)

    def weights(**shapes):
        return {k: 0.5 * random.standard_normal(shape) for k, shape in shapes.items()}

    cases = []
    for optimizer in ["sgd", "nesterov", "adam"]:
        case = None
        # A channel that no rectifier cuts has no slope by its offset, which the second
        # normalization takes away: others are drawn then.
        while case is None:
            parameters = weights(k0=(3, 3, 2, 4), offset0=(4,), k1=(2, 2, 4, 3), offset1=(3,),
                                 w=(3, 4), b=(4,))
            parameters |= {
                "scale0": random.uniform(0.5, 1.5, 4), "scale1": random.uniform(0.5, 1.5, 3)}
            running = [(torch.zeros(4), torch.ones(4)), (torch.zeros(3), torch.ones(3))]
            case = train(
                f"convolutional, {optimizer}", convolutional, optimizer, parameters,
                random.standard_normal((6, 8, 8, 2)), random.integers(0, 4, 6), running)
        cases.append(case)
    series = random.standard_normal((5, 7, 3)), random.integers(0, 2, 5)
    for optimizer in ["adam", "momentum"]:
        cases.append(train(
            f"memory, {optimizer}", memory, optimizer,
            weights(k=(3, 16), u=(4, 16), b=(16,), w=(4, 2)), *series))
        cases.append(train(
            f"gated, {optimizer}", gated, optimizer,
            weights(k=(3, 12), u=(4, 12), b=(12,), c=(12,), w=(4, 2)), *series))
    flat = random.standard_normal((9, 5)), random.integers(0, 3, 9)
    for optimizer in OPTIMIZERS:
        cases.append(train(
            f"perceptron, {optimizer}", perceptron, optimizer,
            weights(w0=(5, 6), b0=(6,), w1=(6, 4), b1=(4,), w2=(4, 3)), *flat))
    assert all(cases)
    header = {"generator": "Tests/Golden/trainings.py", "torch": torch.__version__, "seed": SEED,
              "cases": len(cases)}
    lines = ",\n".join(json.dumps(case) for case in cases)
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    text = f'{{"header": {json.dumps(header)},\n"cases": [\n{lines}\n]}}\n'
    (folder / "trainings.json").write_text(text)


if __name__ == "__main__":
    main()
