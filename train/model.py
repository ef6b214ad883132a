"""The keyboard network: convolutions over strokes, attention over time, one unit vector a window."""

import torch
from torch import nn
from torch.nn import functional as F


class MaskedNorm(nn.Module):
    """Batch normalisation over the strokes that exist; export folds it into the convolution before it."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("var", torch.ones(channels))

    def forward(self, x, mask):
        if self.training:
            count = mask.sum()
            mean = (x * mask).sum((0, 2)) / count
            var = (((x - mean[:, None]) * mask) ** 2).sum((0, 2)) / count
            with torch.no_grad():
                self.mean.lerp_(mean, 0.05)
                self.var.lerp_(var, 0.05)
        else:
            mean, var = self.mean, self.var
        scale = self.weight / torch.sqrt(var + 1e-5)
        return (x * scale[:, None] + (self.bias - mean * scale)[:, None]) * mask


class Layer(nn.Module):
    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = MaskedNorm(outputs)

    def forward(self, x, mask):
        return F.relu(self.norm(self.conv(x), mask))


class Network(nn.Module):
    def __init__(self, inputs, channels=64, blocks=3, kernel=5, wide=128, heads=4, dimensions=64, dropout=0.15, pool_dropout=0.2):
        super().__init__()
        self.shape = dict(inputs=inputs, channels=channels, blocks=blocks, kernel=kernel, wide=wide, heads=heads, dimensions=dimensions)
        self.dimensions = dimensions
        self.first = Layer(inputs, channels, kernel)
        self.blocks = nn.ModuleList(Layer(channels, channels, kernel) for _ in range(blocks))
        self.widen = Layer(channels, wide, 1)
        self.attend = nn.Conv1d(wide, heads, 1)
        self.out = nn.Linear(2 * wide, dimensions)
        self.dropout, self.pool_dropout, self.heads = dropout, pool_dropout, heads

    def forward(self, x, mask):
        """x (batch, inputs, time), mask (batch, time): unit vectors (batch, dimensions)."""
        m = mask[:, None]
        x = self.first(x, m)
        for block in self.blocks:
            # Whole channels are dropped, so that no single one is relied on.
            x = x + F.dropout(block(F.dropout1d(x, self.dropout, self.training), m), self.dropout, self.training)
        x = self.widen(x, m)
        weights = torch.softmax(self.attend(x).masked_fill(m == 0, -1e9), dim=2)  # (batch, heads, time)
        weights = weights.repeat_interleave(x.shape[1] // self.heads, dim=1)
        mean = (x * weights).sum(2)
        spread = torch.sqrt((((x - mean[:, :, None]) ** 2) * weights).sum(2).clamp(min=1e-4))
        pooled = F.dropout(torch.cat([mean, spread], 1), self.pool_dropout, self.training)
        return F.normalize(self.out(pooled), dim=1)


class Members(nn.Module):
    """Networks that were trained apart: their unit vectors one after the other, scaled so that the whole is one too."""

    def __init__(self, members):
        super().__init__()
        self.members = nn.ModuleList(members)
        self.dimensions = sum(m.dimensions for m in members)

    def forward(self, x, mask):
        return torch.cat([m(x, mask) for m in self.members], dim=1) / len(self.members) ** 0.5


def parameters(model):
    return sum(p.numel() for p in model.parameters())
