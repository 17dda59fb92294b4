"""What every peer shares: the conversation with the benchmark that asks it, and the clock.

A peer reads a line and answers with one:

    prepare CASE    "ready", "absent" if it has no such case, or "failed REASON"
    run SECONDS     "value X": seconds for one item (a sample, a step, ...), or mebibytes, over at
                    least so many seconds, after one call that does not count

It ends when nothing more comes. Run: python3 PROGRAM PEER THREADS; the caller pins processes of one
thread to a core and sets the variables by which libraries count threads.
"""

import contextlib
import dataclasses
import functools
import os
import sys
import time
from typing import Callable, Optional

PEERS = {}


@dataclasses.dataclass
class Work:
    """Something to time: a call, the items it does, and a check of its result."""

    call: Callable
    items: float = 1
    check: Optional[Callable] = None


@dataclasses.dataclass
class Reported:
    """Something that measures itself: the call's result is the value."""

    call: Callable


def peer(name, **settings):
    """Registers a function of the number of threads, giving cases: name -> work or its maker.

    A function may be several peers, each with settings of its own."""

    def register(function):
        PEERS[name] = functools.partial(function, **settings)
        return function

    return register


def close(name, got, expected, tolerance):
    """Stops unless two numbers agree to a tolerance, relative where they are above one."""
    if not abs(got - expected) <= tolerance * max(1.0, abs(expected)):
        raise ValueError(f"{name} is {got}, expected {expected}")


def seconds_per_item(work, least):
    def once(count):
        start = time.perf_counter()
        for _ in range(count):
            work.call()
        return time.perf_counter() - start

    first = once(1)
    count = max(1, round(least / max(first, 1e-9)))
    # A first call may be slow by chance; what then runs too short is run again for longer.
    elapsed = once(count)
    while elapsed < least / 2:
        count *= 2
        elapsed = once(count)
    return elapsed / (count * work.items)


class Answers:
    def __init__(self, name, threads):
        self.cases = PEERS[name](threads)
        self.work = None

    def answer(self, request, argument):
        if request == "prepare":
            work = self.cases(argument) if callable(self.cases) else self.cases.get(argument)
            if callable(work):
                work = work()
            if work is None:
                return "absent"
            if isinstance(work, Work):
                if work.check:
                    work.check()
                work.call()
            self.work = work
            return "ready"
        if isinstance(self.work, Reported):
            return f"value {self.work.call():.9g}"
        return f"value {seconds_per_item(self.work, float(argument)):.9g}"


def serve():
    """Answers until the input ends. Whatever libraries print goes to the error output."""
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    answers = None
    for line in sys.stdin:
        request, _, argument = line.strip().partition(" ")
        try:
            if answers is None:
                with contextlib.redirect_stdout(sys.stderr):
                    answers = Answers(sys.argv[1], int(sys.argv[2]))
            reply = answers.answer(request, argument)
        except ModuleNotFoundError as error:
            reply = f"absent {error}"
        except Exception as error:
            reply = f"failed {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        print(reply, file=replies)
