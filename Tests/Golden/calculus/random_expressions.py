"""Expressions drawn at random."""

import math


class Random:
    """Expressions drawn top down: a node of a wanted shape, its children of shapes that give it."""

    pool = [[], [2], [3], [2, 3], [3, 1], [1, 3], [2, 1, 3], [4], [2, 2, 2], [2, 2]]

    def __init__(self, rng):
        self.rng = rng
        self.shapes = [self.choice(self.pool) for _ in range(rng.integers(1, 5))]
        self.bound = []

    def choice(self, list):
        return list[self.rng.integers(len(list))]

    def number(self):
        return round(float(self.rng.uniform(0.2, 2)), 2)

    def leaf(self, shape):
        candidates = [(["x", i], s) for i, s in enumerate(self.shapes)]
        candidates += [(["v", i], s) for i, s in enumerate(self.bound)]
        fitting = [c for c in candidates if fits(c[1], shape)]
        e, s = self.choice(fitting) if fitting else self.choice(candidates)
        if s == shape:
            return e
        return ["broadcast", e if fits(s, shape) else ["mean", e, None, False], shape]

    def smaller(self, shape):
        """A shape that broadcasts to this one."""
        cut = shape[self.rng.integers(len(shape) + 1):]
        return [1 if self.rng.random() < 0.3 else n for n in cut]

    def draw(self, shape, depth):
        if depth == 0:
            return self.leaf(shape)
        kinds = ["unary", "unary", "safe", "binary", "binary", "scaled", "reduce", "move", "product",
                 "let", "where", "leaf"]
        kind = self.choice(kinds)
        return self.leaf(shape) if kind == "leaf" else getattr(self, kind)(shape, depth - 1)

    def unary(self, shape, depth):
        name = self.choice("sin cos tanh sigmoid erf squared negate abs relu tanh sigmoid".split())
        if shape and self.rng.random() < 0.15:
            axis = int(self.rng.integers(len(shape)))
            return [self.choice(["softmax", "logSoftmax"]), self.draw(shape, depth), axis]
        return [name, self.draw(shape, depth)]

    def safe(self, shape, depth):
        """A function held inside its domain."""
        e = self.draw(shape, depth)
        positive = ["add", ["squared", e], self.number()]
        return self.choice([
            ["exp", ["tanh", e]], ["log", positive], ["sqrt", positive], ["rsqrt", positive],
            ["log1p", ["squared", e]], ["expm1", ["sin", e]], ["tan", ["tanh", e]],
            ["clip", e, -self.number(), self.number()], ["power", positive, self.number()],
            ["power", e, self.choice([2, 3])], ["divide", 1, positive]])

    def binary(self, shape, depth):
        a, b = self.draw(shape, depth), self.draw(self.smaller(shape), depth)
        if self.rng.random() < 0.5:
            a, b = b, a
        positive = ["add", ["squared", b], self.number()]
        return self.choice([
            ["add", a, b], ["subtract", a, b], ["multiply", a, b], ["multiply", a, b],
            ["divide", a, positive], ["maximum", a, b], ["minimum", a, b], ["atan2", a, positive],
            ["power", positive, ["sin", a]]])

    def scaled(self, shape, depth):
        e = self.draw(shape, depth)
        name = self.choice(["add", "subtract", "multiply"])
        return [name, self.number(), e] if self.rng.random() < 0.5 else [name, e, self.number()]

    def reduce(self, shape, depth):
        if len(shape) > 2:
            return self.unary(shape, depth)
        axis = int(self.rng.integers(len(shape) + 1))
        inner = self.draw(shape[:axis] + [int(self.rng.integers(2, 4))] + shape[axis:], depth)
        name = self.choice(["sum", "mean", "max", "min", "amax", "product", "variance"])
        return [name, inner, [axis], False]

    def move(self, shape, depth):
        if not shape:
            return ["at", self.draw([3], depth), [self.choice([0, 1, -1])]]
        axis = int(self.rng.integers(len(shape)))
        n = shape[axis]
        longer = lambda m: shape[:axis] + [m] + shape[axis + 1:]
        kind = self.rng.integers(8)
        if kind == 0:
            order = [int(i) for i in self.rng.permutation(len(shape))]
            source = [0] * len(shape)
            for i, o in enumerate(order):
                source[o] = shape[i]
            return ["permute", self.draw(source, depth), order]
        if kind == 1:
            return ["reshape", self.draw([math.prod(shape)], depth), shape]
        if kind == 2:
            return ["flip", self.draw(shape, depth), [axis]]
        if kind == 3:
            return ["slice", self.draw(longer(2 * n), depth), axis, 1, 2 * n, 2]
        if kind == 4 and n > 1:
            return ["concatenate", axis, self.draw(longer(1), depth), self.draw(longer(n - 1), depth)]
        if kind == 5 and n > 1:
            return ["pad", self.draw(longer(n - 1), depth), axis, 1, 0]
        if kind == 6:
            index = [{"every": -1}] if shape[0] > 1 else [0]
            part = shape if shape[0] > 1 else shape[1:]
            return ["assign", self.draw(shape, depth), index, self.draw(self.smaller(part), depth)]
        if len(shape) < 3:
            return ["at", self.draw([2] + shape, depth), [self.choice([0, -1])]]
        return self.leaf(shape)

    def product(self, shape, depth):
        k = int(self.rng.integers(1, 4))
        if len(shape) == 0:
            return ["dot", self.draw([k], depth), self.draw([k], depth)]
        if len(shape) == 1:
            return ["dot", self.draw([shape[0], k], depth), self.draw([k], depth)]
        *batch, m, n = shape
        right = batch + [k, n] if self.rng.random() < 0.5 else [k, n]
        return ["matmul", self.draw(batch + [m, k], depth), self.draw(right, depth)]

    def let(self, shape, depth):
        inner = self.choice(self.pool)
        value = self.draw(inner, depth)
        self.bound.append(inner)
        body = self.draw(shape, depth)
        self.bound.pop()
        return ["let", value, body]

    def where(self, shape, depth):
        a, b = self.draw(shape, depth), self.draw(self.smaller(shape), depth)
        condition = ["less", self.leaf(shape), self.number()]
        return ["where", condition, a, b]


def fits(shape, larger):
    lead = len(larger) - len(shape)
    return lead >= 0 and all(n in (1, larger[lead + i]) for i, n in enumerate(shape))


def size(e):
    return 1 + sum(size(part) for part in e if isinstance(part, list)) if isinstance(e, list) else 0
