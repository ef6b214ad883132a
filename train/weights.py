"""Turns checkpoints into the weights file that internal/embed/network reads, and gives its golden vectors.

    python3 train/weights.py --run RUN --card train/cards/rhythm-2-open.json --out WEIGHTS [--golden FILE]

Several --run make one network of several members.
"""

import argparse
import gzip
import json
import struct
import zlib

import numpy as np
import torch

from golden import golden
from model import Members, Network, parameters

MAGIC, VERSION = b"ipse-net", 2

# Whole steps that the largest weight of a row becomes. The format takes up to 127. 63 costs the embedding nothing that
# its own rounding to bytes would show (cosine with the unrounded network 0.9993 and more) and a seventh of the file less.
STEPS = 63


def load(paths):
    """The network of one checkpoint or several, and the people whom their training has seen."""
    members, seen = [], {}
    for path in paths:
        saved = torch.load(path)
        member = Network(**saved["shape"])
        member.load_state_dict(saved["state"])
        members.append(member)
        for data_set, ids in saved["seen"].items():
            known = seen.setdefault(data_set, [])
            known += [i for i in ids if i not in set(known)]
    return Members(members).eval(), seen


def tensors(member):
    """Weights (outputs, kernel, inputs) and bias of each layer, with the normalisation folded in."""
    for layer in [member.first, *member.blocks, member.widen]:
        n = layer.norm
        scale = n.weight / torch.sqrt(n.var + 1e-5)
        yield (layer.conv.weight * scale[:, None, None]).permute(0, 2, 1), n.bias - n.mean * scale
    yield member.attend.weight.permute(0, 2, 1), member.attend.bias
    yield member.out.weight[:, None, :], member.out.bias


def quantised(member, steps):
    """What the file holds of each layer: weights as whole steps, the size of a step for each output, and the bias."""
    for weight, bias in tensors(member):
        w = weight.detach().numpy().astype(np.float32)
        size = np.abs(w).max(axis=(1, 2)) / np.float32(steps)
        whole = np.rint(w / np.where(size > 0, size, 1)[:, None, None]).astype(np.int8)
        yield whole, size.astype("<f4"), bias.detach().numpy().astype("<f4")


def rounded(model, steps=STEPS):
    """The network as the file keeps it: what the product runs. Normalisation is the identity."""
    return Members([rounded_member(m, steps) for m in model.members]).eval()


def rounded_member(member, steps):
    copy = Network(**member.shape)
    with torch.no_grad():
        given = [(torch.from_numpy(whole.astype(np.float32) * size[:, None, None]), torch.from_numpy(bias))
                 for whole, size, bias in quantised(member, steps)]
        for layer, (w, b) in zip([copy.first, *copy.blocks, copy.widen], given):
            layer.conv.weight.copy_(w.permute(0, 2, 1))
            layer.norm.bias.copy_(b)
            layer.norm.weight.fill_(float(np.sqrt(np.float32(1 + 1e-5))))
        copy.attend.weight.copy_(given[-2][0].permute(0, 2, 1))
        copy.attend.bias.copy_(given[-2][1])
        copy.out.weight.copy_(given[-1][0][:, 0])
        copy.out.bias.copy_(given[-1][1])
    return copy


def file_bytes(model, kind, name, card, seen, steps=STEPS):
    header = json.dumps({"kind": kind, "name": name, "members": [m.shape for m in model.members], "card": card, "seen": seen}).encode()
    body = MAGIC + bytes([VERSION]) + struct.pack("<I", len(header)) + header
    for member in model.members:
        layers = list(quantised(member, steps))
        body += b"".join(whole.tobytes() for whole, _, _ in layers)
        body += b"".join(size.tobytes() + bias.tobytes() for _, size, bias in layers)
    return body + struct.pack("<I", zlib.crc32(body))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--run", required=True, action="append", help="checkpoint, model.pt of a run; again for each further member")
    a.add_argument("--card", required=True, help="JSON: name, purpose, terms by data set, rebuild, error")
    a.add_argument("--out", required=True)
    a.add_argument("--golden")
    a.add_argument("--kind", choices=["keyboard", "pointer", "touch"], default="keyboard")
    a.add_argument("--steps", type=int, choices=range(1, 128), default=STEPS, metavar="1..127", help="that a row's largest weight becomes")
    a = a.parse_args()
    torch.set_num_threads(1)
    model, seen = load(a.run)
    with open(a.card, encoding="utf-8") as f:
        card = json.load(f)
    data = [{"name": s, "people": len(ids), "terms": card["terms"][s]} for s, ids in seen.items()]
    written = {"purpose": card["purpose"], "data": data, "rebuild": card["rebuild"], "error": card["error"]}
    raw = file_bytes(model, a.kind, card["name"], written, seen, a.steps)
    with open(a.out, "wb") as f:
        f.write(raw)
    print(f"{a.out}: {parameters(model)} parameters in training, {len(raw)} bytes, {len(gzip.compress(raw, 9))} gzipped")
    if a.golden:
        with open(a.golden, "w", encoding="utf-8") as f:
            json.dump(golden(rounded(model, a.steps), a.kind), f, separators=(",", ":"))


if __name__ == "__main__":
    main()
