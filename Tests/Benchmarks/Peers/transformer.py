"""A small GPT: 4 layers of width 128, 4 heads, context 64, 65 tokens, batches of 16, AdamW."""

import os
import time

import numpy as np

import libraries
import training
from protocol import Reported, Work, peer, serve

BATCH, CONTEXT, TOKENS, WIDTH, HEADS, LAYERS = 16, 64, 65, 128, 4, 4
BATCHES = 10
random = np.random.default_rng(0)
DATA = random.integers(0, TOKENS, (BATCHES, BATCH, CONTEXT + 1))


def cases(weights, make):
    """`make(weights())` gives a step of training, a function of the number of a batch."""

    def train():
        step = make(weights())

        def epoch():
            for batch in range(BATCHES):
                step(batch)
            step.finish()

        return Work(epoch, BATCHES * BATCH * CONTEXT)

    def first_step():
        initial = weights()
        start = time.perf_counter()
        step = make(initial)
        step(0)
        step.finish()
        return time.perf_counter() - start

    return {"train": train, "first step": Reported(first_step)}


class Step:
    """A step of training, and how to wait for its end."""

    def __init__(self, call, finish):
        self.call, self.finish = call, finish

    def __call__(self, batch):
        self.call(batch)


def torch_model(torch):
    nn = torch.nn
    functional = nn.functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm_1, self.norm_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.heads, self.project = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.widen, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            query, key, value = (
                part.view(BATCH, CONTEXT, HEADS, WIDTH // HEADS).transpose(1, 2)
                for part in self.heads(self.norm_1(x)).split(WIDTH, 2))
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            x = x + self.project(mixed.transpose(1, 2).reshape(BATCH, CONTEXT, WIDTH))
            wide = functional.gelu(self.widen(self.norm_2(x)), approximate="tanh")
            return x + self.narrow(wide)

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.positions = nn.Embedding(TOKENS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
            self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, TOKENS)

        def forward(self, tokens):
            x = self.tokens(tokens) + self.positions.weight
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x))

    return Transformer()


@peer("torch", compiled=False)
@peer("torch-compile", compiled=True)
def torch_step(threads, compiled):
    if compiled:
        # A first step is one that nothing has been kept for.
        os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    torch = libraries.torch(threads)
    data = torch.from_numpy(DATA)

    def make(model):
        forward = torch.compile(model) if compiled else model
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, fused=True)

        def step(batch):
            inputs, targets = data[batch][:, :-1].contiguous(), data[batch][:, 1:].reshape(-1)
            loss = torch.nn.functional.cross_entropy(forward(inputs).view(-1, TOKENS), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return Step(step, lambda: None)

    return cases(lambda: torch_model(torch), make)


@peer("jax")
def jax_jit(threads):
    jax = libraries.jax()
    jnp = jax.numpy

    def linear(rows, columns):
        kernel = jnp.array(random.standard_normal((rows, columns)) * rows**-0.5, jnp.float32)
        return {"kernel": kernel, "bias": jnp.zeros(columns)}

    def table(rows):
        return jnp.array(random.standard_normal((rows, WIDTH)) * 0.02, jnp.float32)

    def norm():
        return {"scale": jnp.ones(WIDTH), "shift": jnp.zeros(WIDTH)}

    def parameters():
        return {
            "tokens": table(TOKENS), "positions": table(CONTEXT), "norm": norm(),
            "head": linear(WIDTH, TOKENS),
            "blocks": [
                {"norm_1": norm(), "norm_2": norm(), "heads": linear(WIDTH, 3 * WIDTH),
                 "project": linear(WIDTH, WIDTH), "widen": linear(WIDTH, 4 * WIDTH),
                 "narrow": linear(4 * WIDTH, WIDTH)}
                for _ in range(LAYERS)]}

    def dense(p, x):
        return x @ p["kernel"] + p["bias"]

    def normalize(p, x):
        centred = x - x.mean(-1, keepdims=True)
        scale = jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
        return centred * scale * p["scale"] + p["shift"]

    mask = jnp.tril(jnp.ones((CONTEXT, CONTEXT), bool))

    def forward(p, tokens):
        x = p["tokens"][tokens] + p["positions"]
        for block in p["blocks"]:
            parts = dense(block["heads"], normalize(block["norm_1"], x))
            parts = parts.reshape(BATCH, CONTEXT, 3 * HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)
            query, key, value = jnp.split(parts, 3, 1)
            scores = query @ key.transpose(0, 1, 3, 2) * (WIDTH // HEADS) ** -0.5
            mixed = jax.nn.softmax(jnp.where(mask, scores, -1e30)) @ value
            mixed = mixed.transpose(0, 2, 1, 3).reshape(BATCH, CONTEXT, WIDTH)
            x = x + dense(block["project"], mixed)
            wide = jax.nn.gelu(dense(block["widen"], normalize(block["norm_2"], x)))
            x = x + dense(block["narrow"], wide)
        return dense(p["head"], normalize(p["norm"], x))

    def loss(p, tokens):
        return training.cross_entropy(jax, forward(p, tokens[:, :-1]), tokens[:, 1:])

    data = [jnp.array(batch.astype(np.int32)) for batch in DATA]

    def make(weights):
        step = training.adam_step(jax, loss, 3e-4, epsilon=1e-8, decay=0.01)
        state = training.adam_state(jax, weights)
        value = None

        def call(batch):
            nonlocal state, value
            state, value = step(state, data[batch])

        return Step(call, lambda: value.block_until_ready())

    return cases(parameters, make)


serve()
