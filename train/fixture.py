"""Writes the untrained little networks and the golden vectors that internal/embed/network is tested with.

    python3 train/fixture.py internal/embed/network/testdata
"""

import json
import os
import sys

import torch

from features import INPUTS, POINTER_INPUTS, TOUCH_INPUTS
from golden import golden
from model import Members, Network
from weights import file_bytes, rounded

SMALL = dict(channels=16, blocks=2, wide=16, heads=4, dimensions=32)
OTHER = dict(channels=8, blocks=1, kernel=7, wide=24, heads=8, dimensions=16)


def main():
    folder = sys.argv[1]
    torch.set_num_threads(1)
    torch.manual_seed(3)
    write(folder, "small", "keyboard", [untrained(INPUTS, SMALL)])
    write(folder, "small-pointer", "pointer", [untrained(POINTER_INPUTS, SMALL)])
    write(folder, "members", "keyboard", [untrained(INPUTS, SMALL), untrained(INPUTS, OTHER)])
    write(folder, "members-pointer", "pointer", [untrained(POINTER_INPUTS, OTHER), untrained(POINTER_INPUTS, SMALL)])
    write(folder, "small-touch", "touch", [untrained(TOUCH_INPUTS, SMALL)])


def untrained(inputs, sizes):
    network = Network(inputs, **sizes)
    with torch.no_grad():
        for layer in [network.first, *network.blocks, network.widen]:
            layer.norm.mean.normal_(0, 0.2)
            layer.norm.var.uniform_(0.5, 1.5)
            layer.norm.weight.uniform_(0.7, 1.3)
            layer.norm.bias.normal_(0, 0.3)
        network.attend.weight.mul_(3)
    return network


def write(folder, file, kind, members):
    model = Members(members).eval()
    card = {"purpose": "tests", "data": [], "rebuild": "python3 train/fixture.py", "error": "untrained"}
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, file + ".net"), "wb") as f:
        f.write(file_bytes(model, kind, "test-1", card, {}))
    with open(os.path.join(folder, file + ".json"), "w", encoding="utf-8") as f:
        json.dump(golden(rounded(model), kind), f, separators=(",", ":"))


if __name__ == "__main__":
    main()
