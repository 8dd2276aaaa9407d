"""The workloads of this package in PyTorch and JAX, for comparison: same nets, same sizes of data.

    python -m venv venv && venv/bin/pip install torch 'jax[cpu]'
    venv/bin/python benches/peers.py [jax|torch] [WORKLOAD ...]

Prints name, seconds and microseconds per epoch. In JAX an epoch of batches, and all epochs of a full-batch workload, are one compiled
scan, compiled before the clock starts; PyTorch runs the plain loop. THREADS=1 limits PyTorch to one thread. Workloads on MNIST read
its official files from the folder that UNFOLD_DATA names, else from datasets/cache/mnist, and are skipped where there are none.
"""

import gzip
import math
import os
import sys
import time

# name: (layer sizes, samples, classes or None for numbers, activation, activation of the output, rule, rate, epochs, batch)
WORKLOADS = {
    "spiral": ((2, 64, 32, 3), 1000, True, "relu", False, "adam", 0.01, 1000, None),
    "basis": ((1, 15, 1), 200, False, "relu", False, "adam", 0.02, 2000, None),
    "xor": ((2, 3, 1), 4, False, "sigmoid", True, "sgd", 0.1, 50000, None),
    "mlp_mnist": ((784, 32, 16, 10), 60000, True, "relu", False, "sgd", 0.01, 20, 64),
    # Convolutions of 3×3 to 8 and 16 channels, each behind a relu and pooled by 2; then dense.
    "cnn": ((784, 400, 128, 10), 60000, True, "relu", False, "adam", 0.001, 1, 32),
    "optimizers/sgd": ((784, 128, 64, 10), 10000, True, "relu", False, "sgd", 0.01, 20, 64),
    "optimizers/adam": ((784, 128, 64, 10), 10000, True, "relu", False, "adam", 0.001, 20, 64),
}


def mnist(samples):
    """The first images of the training file as numbers from 0 to 1, and their labels, as NumPy arrays."""
    import numpy

    folder = os.environ.get("UNFOLD_DATA") or os.path.join(os.path.dirname(__file__), "../datasets/cache/mnist")
    read = lambda name, header: numpy.frombuffer(gzip.open(os.path.join(folder, name)).read(), numpy.uint8)[header:]
    images, labels = read("train-images-idx3-ubyte.gz", 16), read("train-labels-idx1-ubyte.gz", 8)
    return images.reshape(-1, 784)[:samples].astype(numpy.float32) / 255, labels[:samples].astype(numpy.int32)


def data(name, samples):
    """Inputs and targets: a spiral of three arms, a sine, the exclusive or, or MNIST."""
    if WORKLOADS[name][0][0] == 784:
        return mnist(samples)
    if name == "xor":
        return [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]
    if name == "basis":
        x = [2 * math.pi * i / (samples - 1) for i in range(samples)]
        return [[v] for v in x], [[math.sin(v)] for v in x]
    points, labels = [], []
    for i in range(samples):
        arm, t = i % 3, (i // 3) / (samples // 3)
        angle = 2 * math.pi / 3 * (2 * t + arm)
        points.append([t * math.sin(angle), t * math.cos(angle)])
        labels.append(arm)
    return points, labels


def run_jax(name):
    import jax
    import jax.numpy as jnp

    sizes, samples, classes, act, act_last, rule, rate, epochs, batch = WORKLOADS[name]
    points, targets = data(name, samples)
    x, y = jnp.array(points), jnp.array(targets)
    act = getattr(jax.nn, act)
    key, params, filters = jax.random.key(0), [], []
    if name == "cnn":
        filters, sizes = [(3, 3, 1, 8), (3, 3, 8, 16)], sizes[1:]
    for shape in filters + list(zip(sizes, sizes[1:])):
        key, kw, kb = jax.random.split(key, 3)
        bound = math.prod(shape[:-1])**-0.5
        params.append([jax.random.uniform(kw, shape, minval=-bound, maxval=bound),
                       jax.random.uniform(kb, shape[-1:], minval=-bound, maxval=bound)])

    def loss(params, x, y):
        h = x
        if filters:
            h = h.reshape(-1, 28, 28, 1)
        for w, b in params[:len(filters)]:
            h = act(jax.lax.conv_general_dilated(h, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b)
            h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        h = h.reshape(len(h), -1)
        for i, (w, b) in enumerate(params[len(filters):], len(filters)):
            h = h @ w + b
            if i + 1 < len(params) or act_last:
                h = act(h)
        if classes:
            return -jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1).mean()
        return ((h - y) ** 2).mean()

    each = jax.tree_util.tree_map
    zeros = each(jnp.zeros_like, params)

    def step(state, rows):
        params, m, v, t = state
        value, g = jax.value_and_grad(loss)(params, *((x, y) if batch is None else (x[rows], y[rows])))
        if rule == "sgd":
            return (each(lambda w, g: w - rate * g, params, g), m, v, t), value
        t = t + 1
        m = each(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = each(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        size, eps = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t), 1e-8 * jnp.sqrt(1 - 0.999**t)
        return (each(lambda w, m, v: w - size * m / (jnp.sqrt(v) + eps), params, m, v), m, v, t), value

    def full(state, key):
        return jax.lax.scan(step, state, None, length=epochs)

    def epoch(state, key):
        order = jax.random.permutation(key, samples)[:samples // batch * batch].reshape(-1, batch)
        return jax.lax.scan(step, state, order)

    train = jax.jit(epoch if batch else full)
    start = (params, zeros, zeros, 0)
    jax.block_until_ready(train(start, key))
    clock = time.perf_counter()
    state = start
    for each_key in jax.random.split(key, epochs if batch else 1):
        state, losses = train(state, each_key)
    jax.block_until_ready((state, losses))
    return time.perf_counter() - clock, epochs


def run_torch(name):
    import torch

    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    sizes, samples, classes, act, act_last, rule, rate, epochs, batch = WORKLOADS[name]
    points, targets = data(name, samples)
    x, y = torch.tensor(points), torch.tensor(targets)
    if classes:
        y = y.long()
    layers = []
    if name == "cnn":
        x, sizes = x.view(-1, 1, 28, 28), sizes[1:]
        for channels in ((1, 8), (8, 16)):
            layers += [torch.nn.Conv2d(*channels, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        layers.append(torch.nn.Flatten())
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        layers.append(torch.nn.Linear(fan_in, fan_out))
        if i + 2 < len(sizes) or act_last:
            layers.append({"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[act]())
    model = torch.nn.Sequential(*layers)
    optimizer = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[rule](model.parameters(), lr=rate)
    loss = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()
    clock = time.perf_counter()
    for _ in range(epochs):
        for rows in torch.randperm(samples).split(batch) if batch else [slice(None)]:
            optimizer.zero_grad()
            loss(model(x[rows]), y[rows]).backward()
            optimizer.step()
    return time.perf_counter() - clock, epochs


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for peer, run in (("jax", run_jax), ("torch", run_torch)):
        if not {"jax", "torch"} & set(wanted) or peer in wanted:
            for name in [n for n in wanted if n in WORKLOADS] or WORKLOADS:
                try:
                    seconds, epochs = run(name)
                except FileNotFoundError as missing:
                    print(f"{peer:6s} {name:15s} skipped: {missing}", flush=True)
                    continue
                print(f"{peer:6s} {name:15s} {seconds:9.4f} s {seconds / epochs * 1e6:9.3f} µs/epoch", flush=True)
