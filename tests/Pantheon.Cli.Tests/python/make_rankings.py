"""Writes the ranking models in ../fixtures/rankings with PyTorch 1.13: run it with Debian's python3, commit what it writes.

Small multi-task models over KuaiRand's features, as somebody else would export them: three objectives, a tower of width 6 for each, the
user given once. Their weights are random; what matters is that nobody changes them.
"""
import os

import torch
from torch import nn

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "rankings")
WIDTH, OBJECTIVES = 6, 3


class Ids(nn.Module):
    """user_id [1], user_counts [1,4], video_id [n], video_shape [n,2]: Pxtrs in one output, a fused score, two of three states outputs."""

    def __init__(self):
        super().__init__()
        self.users, self.videos = nn.Embedding(32, 4), nn.Embedding(48, 8)
        self.shared = nn.Linear(4 + 4 + 8 + 2, 16)
        self.towers = nn.ModuleList(nn.Linear(16, WIDTH) for _ in range(OBJECTIVES))
        self.heads = nn.ModuleList(nn.Linear(WIDTH, 1) for _ in range(OBJECTIVES))
        # What the service's score needs and no Pxtr does.
        self.fusion = nn.Linear(OBJECTIVES, 1)

    def forward(self, user_id, user_counts, video_id, video_shape):
        user = torch.cat([self.users(user_id), torch.log1p(user_counts)], 1)
        user = user.expand(video_id.shape[0], user.shape[1])
        x = torch.relu(self.shared(torch.cat([user, self.videos(video_id), torch.log1p(video_shape) / 4], 1)))
        states = [torch.relu(tower(x)) for tower in self.towers]
        pxtr = torch.sigmoid(torch.cat([head(state) for head, state in zip(self.heads, states)], 1))
        return self.fusion(pxtr).squeeze(1), pxtr, states[0], states[1]


class Columns(nn.Module):
    """tab [1], video_id [n,1], video_counts [n,4], no user_id: an output [n,1] for each Pxtr, all states outputs; the tab only in the score."""

    def __init__(self):
        super().__init__()
        self.videos, self.tabs = nn.Embedding(48, 8), nn.Embedding(16, 1)
        self.towers = nn.ModuleList(nn.Sequential(nn.Linear(8 + 4, WIDTH), nn.GELU()) for _ in range(OBJECTIVES))
        self.heads = nn.ModuleList(nn.Linear(WIDTH, 1) for _ in range(OBJECTIVES))

    def forward(self, tab, video_id, video_counts):
        x = torch.cat([self.videos(video_id).squeeze(1), torch.log1p(video_counts)], 1)
        states = [tower(x) for tower in self.towers]
        pxtrs = [torch.sigmoid(head(state)) for head, state in zip(self.heads, states)]
        score = (pxtrs[0] * pxtrs[1]).squeeze(1) + torch.sigmoid(self.tabs(tab)).squeeze(1)
        return (score, *pxtrs, *states)


class Repeated(nn.Module):
    """user_id [n], video_id [n]: the user once for every candidate, and nothing that counts."""

    def __init__(self):
        super().__init__()
        self.users, self.videos = nn.Embedding(32, 4), nn.Embedding(48, 4)
        self.tower, self.heads = nn.Linear(8, WIDTH), nn.Linear(WIDTH, OBJECTIVES)

    def forward(self, user_id, video_id):
        state = torch.tanh(self.tower(torch.cat([self.users(user_id), self.videos(video_id)], 1)))
        pxtr = torch.sigmoid(self.heads(state))
        return pxtr[:, 0] + pxtr[:, 1], pxtr, state


class Listwise(nn.Module):
    """video_id [n], video_shape [n,2]: a state that is what it is among all candidates."""

    def __init__(self):
        super().__init__()
        self.videos = nn.Embedding(48, WIDTH)
        self.heads = nn.Linear(WIDTH, OBJECTIVES)

    def forward(self, video_id, video_shape):
        x = self.videos(video_id) + video_shape.sum(1, keepdim=True) * 0.01
        state = x - x.mean(0, keepdim=True)
        pxtr = torch.sigmoid(self.heads(state))
        return pxtr[:, 0] * pxtr[:, 1], pxtr, state


def save(name, model, inputs, outputs, candidates):
    torch.onnx.export(
        model.eval(), tuple(inputs.values()), os.path.join(FOLDER, name + ".onnx"), input_names=list(inputs), output_names=outputs,
        dynamic_axes={key: {0: "n"} for key in candidates + outputs}, opset_version=14)


torch.manual_seed(7)
ones = lambda *shape: torch.ones(*shape, dtype=torch.int64)
save("ids", Ids(), {"user_id": ones(1), "user_counts": torch.ones(1, 4), "video_id": ones(3), "video_shape": torch.ones(3, 2)},
     ["score", "pxtr", "t_click", "t_view"], ["video_id", "video_shape"])
save("columns", Columns(), {"tab": ones(1), "video_id": ones(3, 1), "video_counts": torch.ones(3, 4)},
     ["score", "click", "view", "like", "t_click", "t_view", "t_like"], ["video_id", "video_counts"])
save("repeated", Repeated(), {"user_id": ones(3), "video_id": ones(3)}, ["score", "pxtr", "t"], ["user_id", "video_id"])
save("listwise", Listwise(), {"video_id": ones(3), "video_shape": torch.ones(3, 2)}, ["score", "pxtr", "t"], ["video_id", "video_shape"])
