"""What was tried beside the recipes, so that the table in README.md can be made again: train_keyboard.py --try NAME.

None of it is in the weights that ship. Losses take unit vectors (people, windows, dimensions), as loss.Centroids does.
"""

import torch
from torch import nn
from torch.nn import functional as F

from loss import Centroids
from model import Network
from weights import load

NAMES = ("angular", "sets", "hard", "attention", "distil")


class Angular(Centroids):
    """An additive margin of the angle to one's own mean (Deng et al., ArcFace, CVPR 2019), with prototypes for classes."""

    def __init__(self, margin=0.15):
        super().__init__()
        self.angle = margin

    def scores(self, e):
        scores, at = own_and_others(e)
        mated = scores[at, :, at].clamp(-0.999, 0.999)
        scores[at, :, at] = torch.cos(torch.acos(mated) + self.angle)
        return scores

    def forward(self, e):
        return self.entropy(self.scores(e))

    def entropy(self, scores):
        people, windows, _ = scores.shape
        at = torch.arange(people).repeat_interleave(windows)
        return F.cross_entropy((scores * self.log_scale.exp().clamp(5, 40)).flatten(0, 1), at, label_smoothing=0.02)


def own_and_others(e):
    """Cosines of windows with the means of everybody in the batch, one's own without the window; and people's numbers."""
    total = e.sum(1)
    scores = torch.einsum("pwd,qd->pwq", e, F.normalize(total, dim=1))
    at = torch.arange(len(e))
    scores[at, :, at] = (e * F.normalize(total[:, None] - e, dim=2)).sum(2)
    return scores, at


class Hard(Angular):
    """Only the nearest other people in the batch count as impostors."""

    def __init__(self, nearest=10):
        super().__init__(0.0)
        self.nearest = nearest

    def forward(self, e):
        scores, at = own_and_others(e)
        mated = scores[at, :, at]
        others = scores.clone()
        others[at, :, at] = -2
        hardest = others.topk(self.nearest, dim=2).values
        both = torch.cat([mated[:, :, None], hardest], 2) * self.log_scale.exp().clamp(5, 40)
        return F.cross_entropy(both.flatten(0, 1), torch.zeros(both.shape[0] * both.shape[1], dtype=torch.long), label_smoothing=0.02)


class Sets(Angular):
    """Half of each person's windows stands for them; single windows of the other half and their mean are compared with
    it. A mean keeps its length: windows that disagree say less together."""

    def __init__(self):
        super().__init__(0.0)
        self.log_set_scale = nn.Parameter(torch.tensor(16.0).log())

    def forward(self, e):
        people, windows, _ = e.shape
        at, half, out = torch.arange(people), windows // 2, super().forward(e)
        for a, b in ((e[:, :half], e[:, half:]), (e[:, half:], e[:, :half])):
            scores = a.mean(1) @ F.normalize(b.sum(1), dim=1).T
            out = out + 0.5 * F.cross_entropy(scores * self.log_set_scale.exp().clamp(5, 60), at, label_smoothing=0.02)
        return out


class Attention(Network):
    """The network with one layer of self-attention over time between the convolutions and the widening."""

    def __init__(self, *args, **shape):
        super().__init__(*args, **shape)
        self.mix = nn.MultiheadAttention(self.shape["channels"], 4, batch_first=True)
        self.blocks.append(Mixing(self.mix, self.shape["channels"]))


class Mixing(nn.Module):
    """Self-attention in the place of a block: what it gives is added to what it got."""

    def __init__(self, mix, channels):
        super().__init__()
        self.mix, self.norm = mix, nn.LayerNorm(channels)

    def forward(self, x, m):
        t = self.norm(x.transpose(1, 2))
        return self.mix(t, t, t, key_padding_mask=m[:, 0] == 0, need_weights=False)[0].transpose(1, 2) * m


class Distil(nn.Module):
    """The usual loss, and a teacher's: whom a window is like by the teacher's vectors it must be like by the pupil's, and
    the teacher's vector must follow from the pupil's."""

    def __init__(self, teachers, dimensions, share=0.5):
        super().__init__()
        self.own, self.share = Centroids(), share
        self.teacher = [load(teachers)[0]]  # in a list, so that its parameters stay out of the optimiser
        self.follow = nn.Linear(dimensions, self.teacher[0].dimensions)

    def forward(self, e, inputs, mask):
        with torch.no_grad():
            wanted = self.teacher[0](inputs, mask).reshape(*e.shape[:2], -1)
        theirs, _ = own_and_others(wanted)
        ours, _ = own_and_others(e)
        scale = self.own.log_scale.exp().clamp(5, 40)
        alike = F.kl_div(F.log_softmax(ours * scale, 2), F.softmax(theirs * 18, 2), reduction="none").sum(2).mean()
        follow = 1 - F.cosine_similarity(self.follow(e), wanted, dim=2).mean()
        return (1 - self.share) * self.own(e) + self.share * (alike + 3 * follow)
