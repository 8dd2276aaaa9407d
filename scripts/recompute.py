#!/usr/bin/env python3
"""Trains a run's models again in PyTorch, from the weights, data and order of samples that the run exported, and says how far that
parts from the run: the largest difference of a parameter and of the loss, epoch by epoch.

    cargo xtask run pipelines/spiral.toml
    cargo xtask export runs/spiral --data --initial --snapshots --order
    python scripts/recompute.py runs/spiral/export [MODEL…]

Needs torch, numpy and safetensors. Knows linear, conv2d, batch_norm, max_pool, avg_pool, global_avg_pool, flatten, relu, tanh and
sigmoid; sgd, momentum and adam; cross_entropy and mean_squared_error; every batch size and schedule. Computes in float32, as the
run does, or with --double in float64. Parameters are compared after the epochs whose snapshots were kept, and after the last.

Rounding differs, and training makes more of it from step to step: small differences at first that grow are as it should be, a large
one after the first epoch is not. Exits with 1 where a parameter differs by more than 1e-4 of the largest one, or the loss by more
than 1e-4 of it, after the first epoch that can be compared.

Measured with torch 2.15 on x86-64, in float32 (parameters relative to the largest, loss to the loss):
- the network of pipelines/spiral.toml (`deep`: 2-64-32-3, Adam, 1,000 steps of all samples): loss 3e-8 before and 2e-7 after the
  first step, parameters 5e-5 after 100 steps, 4e-3 after 1,000, at most 5e-2 on the way (where the loss is small, Adam divides small
  gradients by small ones; float64 parts from the run as far);
- a network for glyphs (conv2d, batch_norm, relu, max_pool, conv2d, tanh, avg_pool, linear, sigmoid, linear; momentum, cosine
  schedule, 10 epochs of 13 steps): parameters 6e-8 after the first epoch, 3e-7 at most; loss 7e-8 at most.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

MOST = 1e-4

arguments = [word for word in sys.argv[1:] if word != "--double"]
if not arguments:
    sys.exit(__doc__)
folder, chosen = Path(arguments[0]), arguments[1:]
dtype = torch.float64 if "--double" in sys.argv else torch.float32
manifest = json.loads((folder / "manifest.json").read_text())
torch.use_deterministic_algorithms(True)


def array(name):
    path = folder / f"{name}.npy"
    if not path.exists():
        sys.exit(f"{path} is not there: cargo xtask export RUN --data --initial --snapshots --order")
    return np.load(path)


def weights(name):
    path = folder / "models" / f"{name}.safetensors"
    return {key: value.to(dtype) for key, value in load_file(path).items()} if path.exists() else None


def kind(layer):
    """`"relu"` or `{"linear": {…}}` as a name and its settings."""
    return (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))


def forward(layers, names, w, x, training):
    """The outputs for a batch; running statistics are written where it trains."""
    names = [name for name in names if "running_" not in name]

    def take(word):
        """The next array of weights, if it is called so."""
        return w[names.pop(0)] if names and names[0].endswith(f".{word}") else None

    for layer in layers:
        name, given = kind(layer)
        if name == "linear":
            weight = take("weight")
            x = F.linear(x, weight, take("bias") if given.get("bias", True) else None)
        elif name == "conv2d":
            weight = take("weight")
            bias = take("bias") if given.get("bias", True) else None
            x = x.unsqueeze(1) if x.dim() == 3 else x
            shape = {key: given[key] for key in ["stride", "padding", "dilation", "groups"] if key in given}
            x = F.conv2d(x, weight, bias, **shape)
        elif name == "batch_norm":
            prefix = names[0].rsplit(".", 1)[0]
            weight, bias = take("weight"), take("bias")
            mean, variance = w[f"{prefix}.running_mean"], w[f"{prefix}.running_var"]
            x = F.batch_norm(x, mean, variance, weight, bias, training, given["momentum"], given["eps"])
        elif name in ["max_pool", "avg_pool"]:
            x = x.unsqueeze(1) if x.dim() == 3 else x
            pool = F.max_pool2d if name == "max_pool" else F.avg_pool2d
            x = pool(x, given["size"], given.get("stride") or given["size"], given.get("padding", 0))
        elif name == "global_avg_pool":
            x = x.mean((2, 3))
        elif name == "flatten":
            x = x.flatten(1)
        elif name in ["relu", "tanh", "sigmoid"]:
            x = getattr(torch, name)(x)
        else:
            sys.exit(f"the layer {name} is not known here")
    return x


def optimizer(settings):
    """A step of the run's optimizer: parameters, their gradients, the learning rate."""
    name, given = kind(settings)
    kept = {}
    decay = given.get("weight_decay", 0.0)

    def step(parameters, lr):
        kept["t"] = kept.get("t", 0) + 1
        for key, value in parameters.items():
            g = value.grad + decay * value
            if name == "sgd":
                value -= lr * g
            elif name == "momentum":
                v = kept.setdefault(key, torch.zeros_like(value))
                v.mul_(given["beta"]).add_(g, alpha=1 - given["beta"])
                value -= lr * v
            else:
                m, v = kept.setdefault(key, (torch.zeros_like(value), torch.zeros_like(value)))
                m.mul_(given["beta1"]).add_(g, alpha=1 - given["beta1"])
                v.mul_(given["beta2"]).addcmul_(g, g, value=1 - given["beta2"])
                b1, b2 = (1 - given[beta] ** kept["t"] for beta in ["beta1", "beta2"])
                value -= lr * (m / b1) / ((v / b2).sqrt() + given["eps"])

    if name not in ["sgd", "momentum", "adam"]:
        sys.exit(f"the optimizer {name} is not known here")
    return step


def recompute(name, model):
    settings = model["settings"]
    if settings.get("augment"):
        sys.exit(f"{name} trains with augment, whose random numbers are not exported")
    stem = f"data/{model['data']}.train"
    classes = settings["loss"] == "cross_entropy"
    x = torch.tensor(array(f"{stem}.x")).to(dtype)
    y = torch.tensor(array(f"{stem}.label")) if classes else torch.tensor(array(f"{stem}.target")).to(dtype)
    loss_of = F.cross_entropy if classes else F.mse_loss
    order, rates = array(f"training/{name}.order").astype(np.int64), array(f"training/{name}.learning_rate")
    with open(folder / "training" / f"{name}.history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    w = weights(f"{name}.initial") or sys.exit(f"{name} has no initial weights: cargo xtask export RUN --initial")
    trained = [key for key in model["parameters"] if "running_" not in key]
    for key in trained:
        w[key].requires_grad_()
    step = optimizer(settings["optimizer"])

    def parts(epoch, loss):
        """How far parameters and loss are from the run's after an epoch, each relative to the largest there is."""
        row = history[epoch]
        told = row["train_loss"] if row.get("train_loss") else row.get("train_running_loss") or "nan"
        last = epoch == len(history) - 1 and settings["keep"] == "last"
        theirs = weights(f"{name}.epoch-{epoch:04}") or (weights(name) if last else None)
        largest = max((value.abs().max().item() for value in (theirs or {}).values()), default=1.0)
        apart = max((w[key] - theirs[key]).abs().max().item() for key in theirs) / largest if theirs else None
        return apart, abs(loss - float(told)) / max(abs(float(told)), 1e-30)

    with torch.no_grad():
        untrained = loss_of(forward(settings["model"], model["parameters"], w, x, False), y).item()
    found = [(0, *parts(0, untrained))]
    for epoch in range(model["epochs"]):
        running = 0.0
        for at, start in enumerate(range(0, len(order[epoch]), model["batch"])):
            rows = order[epoch, start : start + model["batch"]]
            loss = loss_of(forward(settings["model"], model["parameters"], w, x[rows], True), y[rows])
            for key in trained:
                w[key].grad = None
            loss.backward()
            running += loss.item() * len(rows)
            with torch.no_grad():
                step({key: w[key] for key in trained}, rates[epoch, at])
        running /= len(order[epoch])
        # In batches the history has the means of the losses that the steps had, but for the model that was left.
        row = history[epoch + 1]
        if row.get("train_loss"):
            with torch.no_grad():
                running = loss_of(forward(settings["model"], model["parameters"], w, x, False), y).item()
        found.append((epoch + 1, *parts(epoch + 1, running)))
    return found


failed = False
for name, model in manifest["models"].items():
    if chosen and name not in chosen:
        continue
    unknown = {kind(layer)[0] for layer in model["settings"]["model"]} - {
        "linear", "conv2d", "batch_norm", "max_pool", "avg_pool", "global_avg_pool", "flatten", "relu", "tanh", "sigmoid"
    }
    if unknown:
        print(f"{name}: has {', '.join(sorted(unknown))}, which is not known here; passed over")
        continue
    found = recompute(name, model)
    print(f"{name}: {model['epochs']} epochs of {model['samples']} samples, batches of {model['batch']}")
    print("epoch  largest difference of a parameter  of the loss    (relative)")
    shown = {round(i * (len(found) - 1) / 10) for i in range(11)} | {0, 1}
    for epoch, parameters, loss in found:
        if epoch in shown:
            print(f"{epoch:>5}  {'not kept' if parameters is None else f'{parameters:.2e}':>34}  {loss:.2e}")
    first = next(((p, l) for epoch, p, l in found if epoch > 0 and p is not None), (0.0, 0.0))
    failed |= max(first) > MOST or found[0][2] > MOST
sys.exit(1 if failed else 0)
