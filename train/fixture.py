"""Writes the untrained little networks and the golden vectors that internal/embed/network is tested with.

    python3 train/fixture.py internal/embed/network/testdata
"""

import json
import os
import sys

import torch

from features import INPUTS, POINTER_INPUTS
from model import Network
from weights import file_bytes, golden, golden_pointer


def main():
    folder = sys.argv[1]
    torch.set_num_threads(1)
    torch.manual_seed(3)
    write(folder, "small", "keyboard", INPUTS, golden)
    write(folder, "small-pointer", "pointer", POINTER_INPUTS, golden_pointer)


def write(folder, file, kind, inputs, golden_vectors):
    model = Network(inputs, channels=16, blocks=2, wide=16, heads=4, dimensions=32)
    with torch.no_grad():
        for layer in [model.first, *model.blocks, model.widen]:
            layer.norm.mean.normal_(0, 0.2)
            layer.norm.var.uniform_(0.5, 1.5)
            layer.norm.weight.uniform_(0.7, 1.3)
            layer.norm.bias.normal_(0, 0.3)
        model.attend.weight.mul_(3)
    model.eval()
    card = {"purpose": "tests", "data": [], "rebuild": "python3 train/fixture.py", "error": "untrained"}
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, file + ".net"), "wb") as f:
        f.write(file_bytes(model, kind, "test-1", card, {}))
    with open(os.path.join(folder, file + ".json"), "w", encoding="utf-8") as f:
        json.dump(golden_vectors(model), f, separators=(",", ":"))


if __name__ == "__main__":
    main()
