"""Turns a checkpoint into the weights file that internal/embed/network reads, and gives its golden vectors.

    python3 train/weights.py --run RUN --card train/cards/rhythm-1-open.json --out WEIGHTS [--golden FILE]
"""

import argparse
import json
import struct
import zlib

import numpy as np
import torch

from features import pointer_inputs, stroke_inputs
from model import Network, parameters

MAGIC, VERSION = b"ipse-net", 1


def load(path):
    saved = torch.load(path)
    shape = dict(saved["shape"])
    model = Network(**shape)
    model.load_state_dict(saved["state"])
    model.eval()
    return model, saved


def tensors(model):
    """Weights (outputs, kernel, inputs) and bias of each layer, with the normalisation folded in."""
    for layer in [model.first, *model.blocks, model.widen]:
        n = layer.norm
        scale = n.weight / torch.sqrt(n.var + 1e-5)
        yield (layer.conv.weight * scale[:, None, None]).permute(0, 2, 1), n.bias - n.mean * scale
    yield model.attend.weight.permute(0, 2, 1), model.attend.bias
    yield model.out.weight[:, None, :], model.out.bias


def halves(tensor):
    return tensor.detach().numpy().astype("<f2")


def rounded(model):
    """The network as float16 keeps it: what the product runs. Normalisation is the identity."""
    copy = Network(**model.shape)
    copy.eval()
    with torch.no_grad():
        given = [(torch.from_numpy(halves(w).astype(np.float32)), torch.from_numpy(halves(b).astype(np.float32)))
                 for w, b in tensors(model)]
        for layer, (w, b) in zip([copy.first, *copy.blocks, copy.widen], given):
            layer.conv.weight.copy_(w.permute(0, 2, 1))
            layer.norm.bias.copy_(b)
            layer.norm.weight.fill_(float(np.sqrt(np.float32(1 + 1e-5))))
        copy.attend.weight.copy_(given[-2][0].permute(0, 2, 1))
        copy.attend.bias.copy_(given[-2][1])
        copy.out.weight.copy_(given[-1][0][:, 0])
        copy.out.bias.copy_(given[-1][1])
    return copy


def file_bytes(model, kind, name, card, seen):
    header = json.dumps({"kind": kind, "name": name, "shape": model.shape, "card": card, "seen": seen}).encode()
    body = MAGIC + bytes([VERSION]) + struct.pack("<I", len(header)) + header
    for w, b in tensors(model):
        body += halves(w).tobytes() + halves(b).tobytes()
    return body + struct.pack("<I", zlib.crc32(body))


def golden_windows():
    """Generated windows, none from recorded people: (name, [(press, release, class)])."""
    rng = np.random.default_rng(7)

    def typed(n, dwell=95.0, interval=190.0):
        press, out = 1000.0, []
        for _ in range(n):
            held = dwell * np.exp(rng.normal() * 0.3)
            out.append((round(press, 1), round(press + held, 1), int(rng.choice(9, p=[.4, .32, .02, .14, .04, .01, .03, .01, .03]))))
            press += interval * np.exp(rng.normal() * 0.5)
        return out

    yield "one stroke", typed(1)
    yield "shortest", typed(15)
    yield "usual", typed(30)
    yield "sixty", typed(60)
    yield "overlapping", typed(41, dwell=220, interval=110)
    yield "longest", typed(256)
    yield "everything at once", [(5.0, 5.0, 0)] * 30
    yield "held for an hour", [(i * 1.0, 3.6e6, 8) for i in range(20)]
    yield "hours apart", [(i * 7.2e6, i * 7.2e6 + 1e5, 6) for i in range(17)]


def golden(model):
    model, out = rounded(model), []
    for name, strokes in golden_windows():
        a = np.array(strokes, dtype=np.float64)
        one = lambda v: torch.from_numpy(v.astype(np.float32))[None]
        cls = torch.from_numpy(a[:, 2].astype(np.int64))[None]
        mask = torch.ones(1, len(a))
        with torch.no_grad():
            e = model(stroke_inputs(cls, one(a[:, 1] - a[:, 0]), one(np.diff(a[:, 0], prepend=a[0, 0])), mask), mask)
        out.append({"name": name, "strokes": strokes, "embedding": [float(v) for v in e[0]]})
    return out


def golden_pointer_windows():
    """Generated windows of pointer events: (name, [(time, x, y, kind)])."""
    rng = np.random.default_rng(8)

    def moved(n, reach=6.0):
        t, x, y, vx, vy, out = 50.0, 400.0, 300.0, 0.0, 0.0, []
        for _ in range(n):
            vx, vy = 0.8 * vx + rng.normal() * reach, 0.8 * vy + rng.normal() * reach
            t, x, y = t + rng.choice([7.0, 8.0, 9.0, 16.0, 120.0]), x + round(vx), y + round(vy)
            out.append((t, x, y, int(rng.choice(4, p=[.94, .02, .02, .02]))))
        return out

    yield "one event", moved(1)
    yield "shortest", moved(64)
    yield "usual", moved(128)
    yield "longest", moved(256)
    yield "standing still", [(i * 8.0, 10.0, 10.0, 0) for i in range(128)]
    yield "all at once, far", [(3.0, (-1.0) ** i * 1e6, 1e6 * (i % 3 - 1), i % 4) for i in range(128)]
    yield "slow", [(i * 60000.0, i * 0.25, -i * 0.5, 0) for i in range(70)]


def golden_pointer(model):
    model, out = rounded(model), []
    for name, events in golden_pointer_windows():
        a = np.array(events, dtype=np.float64)
        since = lambda c: torch.from_numpy(np.diff(a[:, c], prepend=a[0, c]).astype(np.float32))[None]
        mask = torch.ones(1, len(a))
        with torch.no_grad():
            e = model(pointer_inputs(torch.from_numpy(a[:, 3].astype(np.int64))[None], since(0), since(1), since(2), mask), mask)
        out.append({"name": name, "events": events, "embedding": [float(v) for v in e[0]]})
    return out


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--run", required=True, help="checkpoint, model.pt of a run")
    a.add_argument("--card", required=True, help="JSON: name, purpose, terms by data set, rebuild, error")
    a.add_argument("--out", required=True)
    a.add_argument("--golden")
    a.add_argument("--kind", choices=["keyboard", "pointer"], default="keyboard")
    a = a.parse_args()
    torch.set_num_threads(1)
    model, saved = load(a.run)
    with open(a.card, encoding="utf-8") as f:
        card = json.load(f)
    seen = saved["seen"]
    data = [{"name": s, "people": len(ids), "terms": card["terms"][s]} for s, ids in seen.items()]
    written = {"purpose": card["purpose"], "data": data, "rebuild": card["rebuild"], "error": card["error"]}
    raw = file_bytes(model, a.kind, card["name"], written, seen)
    with open(a.out, "wb") as f:
        f.write(raw)
    print(f"{a.out}: {parameters(model)} parameters in training, {len(raw)} bytes")
    if a.golden:
        with open(a.golden, "w", encoding="utf-8") as f:
            json.dump((golden if a.kind == "keyboard" else golden_pointer)(model), f, separators=(",", ":"))


if __name__ == "__main__":
    main()
