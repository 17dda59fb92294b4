"""Imports of the larger libraries, with the number of threads they may use."""

import os


def torch(threads):
    import torch as module

    module.set_num_threads(threads)
    return module


def jax(double=False):
    import jax as module

    if double:
        module.config.update("jax_enable_x64", True)
    return module


def tensorflow(threads):
    import tensorflow as module

    module.config.threading.set_intra_op_parallelism_threads(threads)
    return module


def keras(backend, threads):
    os.environ["KERAS_BACKEND"] = backend
    if backend == "tensorflow":
        tensorflow(threads)
    elif backend == "torch":
        torch(threads)
    import keras as module

    return module
