"""The keyboard network: convolutions over strokes, attention over time, one unit vector a window."""

import torch
from torch import nn
from torch.nn import functional as F


class NormaliseRectify(torch.autograd.Function):
    """Batch normalisation over the events that exist, then max(0, x): one function, because each pass over memory costs
    as much as a convolution."""

    @staticmethod
    def forward(ctx, x, mask, weight, bias):
        """x (batch, channels, time), mask (batch, 1, time). Also gives the mean and variance of each channel."""
        count = mask.sum()
        masked = x * mask
        mean = masked.sum((0, 2)) / count
        var = ((masked * x).sum((0, 2)) / count - mean * mean).clamp(min=0)
        inverse = torch.rsqrt(var + 1e-5)
        y = torch.addcmul((bias - mean * inverse * weight)[:, None], x, (inverse * weight)[:, None]).clamp_(min=0).mul_(mask)
        ctx.save_for_backward(x, mask, y, weight, mean, inverse, count)
        ctx.mark_non_differentiable(mean, var)
        return y, mean, var

    @staticmethod
    def backward(ctx, grad, _mean, _var):
        x, mask, y, weight, mean, inverse, count = ctx.saved_tensors
        g = grad * (y > 0)  # zero where the mask is, too
        by_bias = g.sum((0, 2))
        by_weight = ((g * x).sum((0, 2)) - mean * by_bias) * inverse
        # g − mean(g) − x̂·mean(g·x̂), all times weight / deviation
        slope = -by_weight * inverse / count
        level = -by_bias / count - slope * mean
        g = torch.addcmul(g, x, slope[:, None]).add_(level[:, None]).mul_((weight * inverse)[:, None]).mul_(mask)
        return g, None, by_weight, by_bias


class Layer(nn.Module):
    """A convolution, batch normalisation over the events that exist, and max(0, x). Export folds the normalisation into
    the convolution."""

    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = Norm(outputs)

    def forward(self, x, mask):
        x, norm = self.conv(x), self.norm
        if self.training:
            y, mean, var = NormaliseRectify.apply(x, mask, norm.weight, norm.bias)
            with torch.no_grad():
                norm.mean.lerp_(mean, 0.05)
                norm.var.lerp_(var, 0.05)
            return y
        scale = norm.weight / torch.sqrt(norm.var + 1e-5)
        return F.relu(x * scale[:, None] + (norm.bias - norm.mean * scale)[:, None]) * mask


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("var", torch.ones(channels))


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
            x = x + F.dropout1d(block(F.dropout1d(x, self.dropout, self.training), m), self.dropout, self.training)
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
