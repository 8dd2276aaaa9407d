"""Small models of PyTorch as safetensors files, with what they give: what the tests of `weights` compare with.

    python scripts/torch_weights.py FOLDER        # needs `pip install torch safetensors`

Writes NAME.safetensors and NAME.csv for each model: in each row of the table one sample's inputs, channel by channel, and then its
outputs.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn


class Named(nn.Module):
    """Convolutions and dense layers under names whose order is not that of the layers; the first convolution has no bias."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 2, 2), nn.ReLU()
        )
        self.classifier = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def main(folder):
    torch.manual_seed(7)
    dense = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3))
    wide = nn.Sequential(*[layer for _ in range(11) for layer in (nn.Linear(2, 2), nn.Tanh())], nn.Linear(2, 2))
    normalised = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    models = {"dense": (dense, [2]), "deep": (wide, [2]), "normalised": (normalised, [2]), "pictures": (Named(), [1, 8, 8])}
    for name, (model, shape) in models.items():
        # Running statistics that are not those of the start.
        for _ in range(3):
            model(2 * torch.randn(16, *shape) + 1)
        model.eval()
        x = torch.randn(4, *shape)
        with torch.no_grad():
            rows = torch.cat([x.flatten(1), model(x)], 1).tolist()
        save_file(model.state_dict(), folder / f"{name}.safetensors")
        (folder / f"{name}.csv").write_text("".join(",".join(f"{v:.9g}" for v in row) + "\n" for row in rows))
    save_file({k: v.half() for k, v in dense.state_dict().items()}, folder / "dense.half.safetensors")
    save_file({k: v.bfloat16() for k, v in dense.state_dict().items()}, folder / "dense.brain.safetensors")
    save_file({k: v.double() for k, v in dense.state_dict().items()}, folder / "dense.double.safetensors")


main(pathlib.Path(sys.argv[1]))
