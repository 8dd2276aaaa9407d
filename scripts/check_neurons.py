#!/usr/bin/env python3
"""Recomputes what a run of pipelines/mnist-neurons.toml found, in PyTorch and float64, from the saved model and MNIST's own files.

    cargo xtask run pipelines/mnist-neurons.toml
    python scripts/check_neurons.py runs/mnist-neurons $UNFOLD_DATA

Needs torch, numpy and safetensors. Compares means, selectivity, rankings, accuracies under ablation and scaling, confusion matrices,
interactions, saliency, attributions, responses and weights with the tables and arrays that the run wrote, prints one line each, and
exits with 1 where something differs by more than 1e-5 (numbers) or at all (counts and rankings).

The run computes in float32. A sample whose two largest logits agree to 1e-5 may fall to either side: such samples are counted and
allowed for, and there is normally none. Likewise ranks may swap where two means agree to 1e-6.
"""

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

TOLERANCE = 1e-5
CLOSE_LOGITS = 1e-5
CLOSE_MEANS = 1e-6
NODES = ["hidden1.post", "hidden2.post"]

run, data = Path(sys.argv[1]), Path(sys.argv[2])
figures = run / "figures"
torch.set_default_dtype(torch.float64)
failures = 0


def report(what, n, worst, limit=TOLERANCE, note=""):
    global failures
    fine = worst <= limit
    failures += not fine
    print(f"{'ok  ' if fine else 'FAIL'} {what:<44} {n:>9,} numbers  largest difference {worst:.2e}  {note}")


def idx(name, header):
    for path in [data / name, data / "mnist" / name]:
        if path.exists():
            return np.frombuffer(gzip.open(path).read(), np.uint8, offset=header)
    sys.exit(f"{name} is not in {data}")


def table(name):
    # A figure's first table has the figure's own name.
    if not (figures / f"{name}.csv").exists():
        name = name.split(".")[0]
    with open(figures / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def compare(what, found, expected, limit=TOLERANCE, note=""):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape, (what, found.shape, expected.shape)
    report(what, found.size, float(np.abs(found - expected).max()), limit, note)


x = torch.from_numpy(idx("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float64) / 255)
labels = idx("t10k-labels-idx1-ubyte.gz", 8).astype(int)
counts = np.bincount(labels, minlength=10)
model = load_file(run / "models" / "mlp.safetensors")
weights = [(model[f"{n}.weight"].double(), model[f"{n}.bias"].double()) for n in ["hidden1", "hidden2", "output"]]
(w1, b1), (w2, b2), (w3, b3) = weights


def forward(x, change=None, first=None):
    """All nodes. `change` maps a node's name to a function of its values; `first` is hidden1.pre, where it is known already."""
    change = change or {}
    nodes = {}
    h = x
    for name, (w, b) in zip(["hidden1", "hidden2"], weights):
        nodes[f"{name}.pre"] = first if first is not None and name == "hidden1" else h @ w.T + b
        h = torch.relu(nodes[f"{name}.pre"])
        h = change.get(f"{name}.post", lambda v: v)(h)
        nodes[f"{name}.post"] = h
    nodes["logits"] = h @ w3.T + b3
    return nodes


def recognised(logits):
    """Samples recognised per class, the confusion matrix, and how many samples are too close to call."""
    top = logits.topk(2, dim=1)
    close = int((top.values[:, 0] - top.values[:, 1] < CLOSE_LOGITS).sum())
    guess = top.indices[:, 0].numpy()
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, guess), 1)
    return confusion.diagonal(), confusion, close


def by_class(values):
    return np.stack([values[labels == c].mean(axis=0) for c in range(10)], axis=1)


base = forward(x)
right, confusion, close = recognised(base["logits"])
print(f"accuracy {right.sum() / len(labels):.4f} on {len(labels):,} test images; {close} too close to call")

# Means, gradients and rankings.
leaf = {n: base[n].detach().requires_grad_() for n in NODES}
h2 = torch.relu(leaf["hidden1.post"] @ w2.T + b2)
target = torch.from_numpy(labels)
own = {}
for node, logits in [("hidden1.post", h2 @ w3.T + b3), ("hidden2.post", leaf["hidden2.post"] @ w3.T + b3)]:
    loss = torch.nn.functional.cross_entropy(logits, target, reduction="sum")
    score = logits.gather(1, target[:, None]).sum()
    gradients = [torch.autograd.grad(f, leaf[node], retain_graph=True)[0].numpy() for f in (loss, score)]
    own[node] = [by_class(v) for v in (base[node].numpy(), *gradients)]

for node in NODES:
    means = own[node]
    units = means[0].shape[0]
    rows = table(f"ranking.{node}")
    for i, (name, sign) in enumerate([("activation", 1), ("loss_gradient", -1), ("logit_gradient", 1)]):
        found = column(rows, f"mean.{name}").reshape(units, 10)
        compare(f"{node}: mean {name}", found, means[i])
        ranks = np.array([row[f"rank.{name}"] for row in rows]).reshape(units, 10)
        k = sum(r != "" for r in ranks[:, 0])
        wrong = 0
        for c in range(10):
            order = np.argsort(-sign * means[i][:, c], kind="stable")[:k]
            listed = sorted((u for u in range(units) if ranks[u, c]), key=lambda u: int(ranks[u, c]))
            for a, b in zip(order, listed):
                wrong += a != b and abs(means[i][a, c] - means[i][b, c]) > CLOSE_MEANS
        report(f"{node}: top {k} by {name}, 10 classes", 10 * k, wrong, 0)

    mu = means[0]
    others = (mu.sum(axis=1, keepdims=True) - mu) / 9
    s = (mu - others) / (mu + others + 0.001)
    rows = table(f"selectivity.{node}")
    compare(f"{node}: selectivity", column(rows, "selectivity").reshape(units, 10), s)

# Ablation of units and pairs.
def without(*units):
    change = {}
    for node in NODES:
        gone = [u for n, u in units if n == node]
        if gone:
            keep = torch.ones(base[node].shape[1])
            keep[gone] = 0
            change[node] = lambda v, keep=keep: v * keep
    return recognised(forward(x, change, base["hidden1.pre"])["logits"])


def unit(text):
    node, index = text.rstrip("]").split("[")
    return node, int(index)


rows = table("ablation")
results = {row["unit"]: without(unit(row["unit"])) for row in rows}
sure = [row for row in rows if results[row["unit"]][2] == 0]
note = f"{len(rows) - len(sure)} left out: too close to call"
compare("ablation: accuracy", column(sure, "accuracy"), [results[r["unit"]][0].sum() / 1e4 for r in sure], note=note)
for c in range(10):
    expected = [results[r["unit"]][0][c] / counts[c] for r in sure]
    compare(f"ablation: accuracy of class {c}", column(sure, f"accuracy.{c}"), expected)
damage = {name: (right.sum() - r[0].sum()) / 1e4 for name, r in results.items()}
order = sorted(damage, key=lambda name: -damage[name])
wrong = sum(abs(damage[a] - damage[r["unit"]]) > 1e-9 for a, r in zip(order, rows))
report("ablation: ranking of units", len(rows), wrong, 0)

rows = table("pairs")
both = [without(unit(row["unit"]), unit(row["other"])) for row in rows]
certain = lambda row, result: result[2] == 0 and all(results[row[k]][2] == 0 for k in ["unit", "other"])
sure = [(row, result) for row, result in zip(rows, both) if certain(row, result)]
expected = np.array([result[0].sum() / 1e4 for _, result in sure])
lost = np.array([damage[row["unit"]] + damage[row["other"]] for row, _ in sure])
rows = [row for row, _ in sure]
note = f"{len(both) - len(sure)} left out: too close to call"
compare("pairs: accuracy without both", column(rows, "accuracy.without.both"), expected, note=note)
compare("pairs: interaction", column(rows, "interaction"), (right.sum() / 1e4 - expected) - lost)

# One neuron, scaled.
import tomllib

resolved = tomllib.loads((run / "resolved.toml").read_text())
node, index = unit(resolved["analysis"]["neuron15"]["unit"])


def scaled(s):
    factor = torch.ones(base[node].shape[1])
    # The run's factors are float32.
    factor[index] = float(np.float32(s))
    return forward(x, {node: lambda v: v * factor})["logits"]


rows = table("scaling")
curve = [(recognised(z), z.mean(dim=0).numpy()) for z in (scaled(float(r["scale"])) for r in rows)]
doubt = sum(r[2] for r, _ in curve)
for c in range(10):
    shares = [r[0][c] / counts[c] for r, _ in curve]
    compare(f"scaling: accuracy of class {c}", column(rows, f"accuracy.{c}"), shares, max(TOLERANCE, doubt / counts[c]))
logits = np.stack([column(rows, f"mean.logit.{c}") for c in range(10)], axis=1)
compare("scaling: mean logits", logits, np.stack([m for _, m in curve]))
for name, s in [("ablated", 0), ("as_it_is", 1), ("most", resolved["analysis"]["neuron15"]["scales"][1])]:
    rows = table(f"confusion.{name}")
    found = np.stack([column(rows, f"predicted.{c}") for c in range(10)], axis=1)
    _, expected, close = recognised(scaled(s))
    report(f"confusion at s = {s}", 100, int(np.abs(found - expected).sum()), 2 * close)

# Maps.
first = lambda digit: int(np.flatnonzero(labels == digit)[0])
image = x[first(3)].clone().requires_grad_()
pre = forward(image[None])["hidden2.pre"][0]
saliency = torch.stack([torch.autograd.grad(z, image, retain_graph=True)[0].abs() for z in pre])
compare("saliency of hidden2.pre on the first 3", np.load(figures / "saliency.maps.npy"), saliency.numpy())

maps = np.load(figures / "why.maps.npy").reshape(4, 4, 784)
rows = table("why")
samples = [first(3), first(4), first(8), 8]


def gradient(points, c):
    points = points.clone().requires_grad_()
    return torch.autograd.grad(forward(points)["logits"][:, c].sum(), points)[0]


expected, sums = np.zeros((4, 4, 784)), []
for i, sample in enumerate(samples):
    v, c = x[sample], labels[sample]
    g = gradient(v[None], c)[0]
    alphas = (torch.arange(64) + 0.5) / 64
    ig = gradient(alphas[:, None] * v[None], c).mean(dim=0) * v
    score = forward(v[None])["logits"][0, c]
    drop, cover = np.zeros((28, 28)), np.zeros((28, 28))
    for r in range(25):
        covered = v.reshape(28, 28).repeat(25, 1, 1)
        for k in range(25):
            covered[k, r : r + 4, k : k + 4] = 0
        lost = (score - forward(covered.reshape(25, 784))["logits"][:, c]).numpy()
        for k in range(25):
            drop[r : r + 4, k : k + 4] += lost[k]
            cover[r : r + 4, k : k + 4] += 1
    expected[i] = np.stack([g.numpy(), (g * v).numpy(), ig.numpy(), (drop / cover).reshape(-1)])
    sums.append(ig.sum().item())
for m, name in enumerate(["gradient", "gradient × input", "integrated gradients", "occlusion"]):
    compare(f"why: {name}", maps[:, m], expected[:, m])
compare("why: sum of integrated gradients", column(rows, "sum.integrated.gradients"), sums)

single = forward(torch.eye(784))["hidden2.pre"].T.numpy()
compare("responses of hidden2.pre to single pixels", np.load(figures / "responses.maps.npy"), single)
compare("weights of the first layer", np.load(figures / "weights.maps.npy"), w1.numpy(), 0)
best = torch.from_numpy(np.load(figures / "maximal.maps.npy")).double()
inside = float(max(0, -best.min(), best.max() - 1))
report("maximal inputs lie in [0, 1]", best.numel(), inside, 0)
reached = forward(best)["hidden2.pre"].diagonal().numpy()
compare("maximal inputs: value reached", column(table("maximal"), "reached") / reached, np.ones(len(reached)))

print("all agree" if failures == 0 else f"{failures} disagree")
sys.exit(failures > 0)
