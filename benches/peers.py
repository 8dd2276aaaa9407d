"""The workloads of this package in PyTorch and JAX, for comparison: same nets, same sizes of data, full-batch training.

    python -m venv venv && venv/bin/pip install torch 'jax[cpu]'
    venv/bin/python benches/peers.py [jax|torch] [WORKLOAD ...]

Prints name, seconds and microseconds per epoch. JAX runs all epochs in one compiled scan, compiled before the clock starts; PyTorch
runs the plain loop. THREADS=1 limits PyTorch to one thread.
"""

import math
import os
import sys
import time

# name: (layer sizes, samples, classes or None for numbers, activation, activation of the output, rule, rate, epochs)
WORKLOADS = {
    "spiral": ((2, 64, 32, 3), 1000, True, "relu", False, "adam", 0.01, 1000),
    "basis": ((1, 15, 1), 200, False, "relu", False, "adam", 0.02, 2000),
    "xor": ((2, 3, 1), 4, False, "sigmoid", True, "sgd", 0.1, 50000),
}


def data(name, samples):
    """Inputs and targets as lists: a spiral of three arms, a sine, or the exclusive or."""
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

    sizes, samples, classes, act, act_last, rule, rate, epochs = WORKLOADS[name]
    points, targets = data(name, samples)
    x, y = jnp.array(points), jnp.array(targets)
    act = getattr(jax.nn, act)
    key, params = jax.random.key(0), []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        key, kw, kb = jax.random.split(key, 3)
        bound = fan_in**-0.5
        params.append([jax.random.uniform(kw, (fan_in, fan_out), minval=-bound, maxval=bound),
                       jax.random.uniform(kb, (fan_out,), minval=-bound, maxval=bound)])

    def loss(params):
        h = x
        for i, (w, b) in enumerate(params):
            h = h @ w + b
            if i + 1 < len(params) or act_last:
                h = act(h)
        if classes:
            return -jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1).mean()
        return ((h - y) ** 2).mean()

    each = jax.tree_util.tree_map
    zeros = each(jnp.zeros_like, params)

    def step(state, _):
        params, m, v, t = state
        value, g = jax.value_and_grad(loss)(params)
        if rule == "sgd":
            return (each(lambda w, g: w - rate * g, params, g), m, v, t), value
        t = t + 1
        m = each(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = each(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        size, eps = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t), 1e-8 * jnp.sqrt(1 - 0.999**t)
        return (each(lambda w, m, v: w - size * m / (jnp.sqrt(v) + eps), params, m, v), m, v, t), value

    train = jax.jit(lambda state: jax.lax.scan(step, state, None, length=epochs))
    start = (params, zeros, zeros, 0)
    jax.block_until_ready(train(start))
    clock = time.perf_counter()
    jax.block_until_ready(train(start))
    return time.perf_counter() - clock, epochs


def run_torch(name):
    import torch

    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    sizes, samples, classes, act, act_last, rule, rate, epochs = WORKLOADS[name]
    points, targets = data(name, samples)
    x, y = torch.tensor(points), torch.tensor(targets)
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        layers.append(torch.nn.Linear(fan_in, fan_out))
        if i + 2 < len(sizes) or act_last:
            layers.append({"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[act]())
    model = torch.nn.Sequential(*layers)
    optimizer = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[rule](model.parameters(), lr=rate)
    loss = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()
    clock = time.perf_counter()
    for _ in range(epochs):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return time.perf_counter() - clock, epochs


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for peer, run in (("jax", run_jax), ("torch", run_torch)):
        if not {"jax", "torch"} & set(wanted) or peer in wanted:
            for name in [n for n in wanted if n in WORKLOADS] or WORKLOADS:
                seconds, epochs = run(name)
                print(f"{peer:6s} {name:12s} {seconds:9.4f} s {seconds / epochs * 1e6:9.3f} µs/epoch", flush=True)
