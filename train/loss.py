"""How a batch of many people's windows becomes a loss."""

import torch
from torch import nn
from torch.nn import functional as F


class Centroids(nn.Module):
    """Each window must be nearest to its own person's other windows among everybody in the batch.

    Generalised end-to-end loss (Wan et al., ICASSP 2018) with the mean of a person's other windows as the reference,
    which is how references are made; scale is learnt.
    """

    def __init__(self, scale=12.0, margin=0.0):
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(scale).log())
        self.margin = margin

    def forward(self, e):
        """e: unit vectors (people, windows, dimensions)."""
        people, windows, _ = e.shape
        total = e.sum(1)
        means = F.normalize(total, dim=1)
        own = F.normalize(total[:, None] - e, dim=2)
        scores = torch.einsum("pwd,qd->pwq", e, means)
        mated = (e * own).sum(2)
        at = torch.arange(people)
        scores[at, :, at] = mated - self.margin
        scale = self.log_scale.exp().clamp(5, 40)
        return F.cross_entropy((scores * scale).reshape(people * windows, people), at.repeat_interleave(windows), label_smoothing=0.02)
