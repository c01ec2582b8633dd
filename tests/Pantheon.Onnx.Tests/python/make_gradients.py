"""Writes ../fixtures/gradients.json: what PyTorch gives and differentiates, in double, for the functions of
Differentiation/GradientCases.cs under the same names: python3 make_gradients.py

Needs torch (made with Debian's python3-torch 1.13). Inputs are multiples of 1/64, or exact float32s, so that both sides see
the very same numbers; the seed is fixed, so that a second run writes the same bytes. Each function is taken at a random point
and, where it has kinks or a range in which it could overflow, there too. The tests read the committed file.
"""
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
random = np.random.default_rng(20261122)


def single(value):
    return float(np.float32(value))


def layer_norm(x):
    return F.layer_norm(x[0], x[0].shape[-1:], x[1], x[2], eps=single(1e-5))


def attention(x):
    q, k, v = (x[0] @ w for w in x[1:])
    return torch.softmax(0.5 * q @ k.transpose(-1, -2), -1) @ v


def gated_experts(x):
    gates = torch.softmax(x[0] @ x[3], -1)
    experts = [torch.relu(x[0] @ x[1] + x[4]), torch.tanh(x[0] @ x[2])]
    return sum(gates[:, [k]] * expert for k, expert in enumerate(experts))


# name -> (shapes, function, whether the inputs must be above 0)
CASES = {
    "add_broadcast": ([[3, 4], [4]], lambda x: x[0] + x[1]),
    "add_broadcast_middle": ([[2, 1, 4], [3, 1]], lambda x: x[0] + x[1]),
    "sub_broadcast": ([[3, 4], [3, 1]], lambda x: x[0] - x[1]),
    "mul_broadcast": ([[2, 3, 4], [3, 1]], lambda x: x[0] * x[1]),
    "mul_same": ([[3, 2]], lambda x: x[0] ** 3),
    "div_broadcast": ([[3, 4], [1, 4]], lambda x: x[0] / x[1], True),
    "pow": ([[3, 4], [4]], lambda x: torch.pow(x[0], x[1]), True),
    "max": ([[3, 4], [4]], lambda x: torch.maximum(x[0], x[1])),
    "min": ([[3, 4], [3, 4]], lambda x: torch.minimum(x[0], x[1])),
    "max_ties": ([[3, 4]], lambda x: torch.maximum(x[0], x[0]) * x[0]),
    "neg_abs": ([[3, 4]], lambda x: -torch.abs(x[0])),
    "exp": ([[3, 4]], lambda x: torch.exp(x[0])),
    "log": ([[3, 4]], lambda x: torch.log(x[0]), True),
    "sqrt": ([[3, 4]], lambda x: torch.sqrt(x[0]), True),
    "reciprocal": ([[3, 4]], lambda x: torch.reciprocal(x[0]), True),
    "erf": ([[3, 4]], lambda x: torch.erf(x[0])),
    "gelu": ([[3, 4]], lambda x: F.gelu(x[0])),
    "relu": ([[3, 4]], lambda x: torch.relu(x[0])),
    "leaky_relu": ([[3, 4]], lambda x: F.leaky_relu(x[0], single(0.2))),
    "sigmoid": ([[3, 4]], lambda x: torch.sigmoid(x[0])),
    "tanh": ([[3, 4]], lambda x: torch.tanh(x[0])),
    "softplus": ([[3, 4]], lambda x: F.softplus(x[0])),
    "clip": ([[3, 4]], lambda x: torch.clamp(x[0], single(-0.43), single(0.57))),
    "where": ([[3, 4], [4], [3, 1]], lambda x: torch.where(x[0] > x[1], x[1] * x[0], x[2])),
    "cast": ([[3, 4]], lambda x: x[0] * x[0].detach().trunc()),
    "gemm": ([[3, 4], [4, 5], [5]], lambda x: torch.addmm(x[2], x[0], x[1])),
    "gemm_trans_left": ([[4, 3], [4, 5], [3, 5]], lambda x: torch.addmm(x[2], x[0].T, x[1])),
    "gemm_trans_right": ([[3, 4], [5, 4]], lambda x: x[0] @ x[1].T),
    "gemm_trans_both": ([[4, 3], [5, 4]], lambda x: x[0].T @ x[1].T),
    "gemm_scaled": ([[3, 4], [5, 4], [3, 1]], lambda x: torch.addmm(x[2].expand(3, 5), x[0], x[1].T, alpha=0.5, beta=-2)),
    "matmul": ([[3, 4], [4, 5]], lambda x: x[0] @ x[1]),
    "matmul_rows": ([[2, 3, 4], [4, 5]], lambda x: x[0] @ x[1]),
    "matmul_stack": ([[2, 3, 4], [2, 4, 5]], lambda x: x[0] @ x[1]),
    "matmul_broadcast": ([[2, 1, 3, 4], [3, 4, 2]], lambda x: x[0] @ x[1]),
    "linear_rank3": ([[2, 3, 4], [4, 5], [5]], lambda x: F.linear(x[0], x[1].T, x[2])),
    "reshape": ([[3, 4]], lambda x: x[0].reshape(2, -1) * x[0].reshape(2, 6)),
    "flatten": ([[2, 3, 4]], lambda x: x[0].flatten(1) ** 2),
    "squeeze_unsqueeze": ([[3, 1, 4]], lambda x: x[0].squeeze(1)[None, :, None, :] ** 2),
    "transpose": ([[2, 3, 4], [4, 2, 3]], lambda x: x[0].permute(2, 0, 1) * x[1]),
    "expand": ([[3, 1], [3, 4]], lambda x: x[0].expand_as(x[1]) * x[1]),
    "concat": ([[2, 3], [2, 1], [2, 4]], lambda x: torch.cat([x[0], x[1] * x[1], x[2]], 1)),
    "split": ([[2, 6]], lambda x: torch.cat([x[0][:, 4:] ** 2, x[0][:, :1]], 1)),
    "slice": ([[4, 5]], lambda x: torch.exp(x[0][2:4, 1:-1])),
    "gather_rows": ([[5, 3]], lambda x: torch.exp(x[0][[4, 0, 4, 2]])),
    "gather_columns": ([[2, 5, 3]], lambda x: torch.exp(x[0][:, [1, 1, 3]])),
    "gather_one": ([[2, 5, 3]], lambda x: torch.exp(x[0][:, 2])),
    "gather_one_of_product": ([[2, 5, 3], [3, 4]], lambda x: x[0][:, 2] @ x[1]),
    "reduce_sum": ([[2, 3, 4]], lambda x: torch.exp(x[0].sum(1))),
    "reduce_sum_keep": ([[2, 3, 4]], lambda x: x[0].sum((0, 2), keepdim=True) * x[0]),
    "reduce_mean": ([[2, 3, 4]], lambda x: torch.exp(x[0].mean(-1))),
    "reduce_mean_all": ([[2, 3, 4]], lambda x: x[0].mean() * x[0]),
    "softmax": ([[3, 4]], lambda x: torch.softmax(x[0], -1) * x[0]),
    "softmax_first": ([[3, 4]], lambda x: torch.softmax(x[0], 0)),
    "log_softmax": ([[3, 4]], lambda x: torch.log_softmax(x[0], -1)),
    "layer_normalization": ([[3, 6], [6], [6]], layer_norm),
    "layer_normalization_rank3": ([[2, 3, 6], [6], [6]], lambda x: torch.exp(single(0.3) * layer_norm(x))),
    "binary_cross_entropy": (
        [[3, 4], [3, 4]],
        lambda x: F.binary_cross_entropy_with_logits(10 * x[0], torch.sigmoid(x[1]).detach(), reduction="none")),
    "stop_gradient": ([[3, 4]], lambda x: x[0].detach() * x[0]),
    "attention": ([[2, 3, 4], [4, 4], [4, 4], [4, 4]], attention),
    "gated_experts": ([[5, 3], [3, 4], [3, 4], [3, 2], [4]], gated_experts),
}

KINK = [-1.5, -0.25, 0.0, 0.0, 0.25, 1.5, 0.0, -2.0, 2.0, 0.0, 0.5, -0.5]
LARGE = [-50.0, 50.0, -20.0, 20.0, -8.0, 8.0, -88.0, 88.0, 0.0, 0.5, -1.0, 200.0]
# name -> {point: inputs}
POINTS = {
    "max": {"ties": [[0.5, -0.5, 0.0, 1.0, 0.5, 0.5, 0.0, -1.0, 0.25, -0.5, 1.0, 1.0], [0.5, -0.5, 0.0, 1.0]]},
    "min": {"ties": [KINK, KINK[:4] + [0.5] + KINK[5:]]},
    "max_ties": {"zeros": [KINK]},
    "neg_abs": {"zeros": [KINK]},
    "relu": {"zeros": [KINK]},
    "leaky_relu": {"zeros": [KINK]},
    "clip": {"ends": [[single(-0.43), single(0.57), 0.0, -0.5, 0.75, single(0.57), 9.0, -9.0, single(-0.43), 0.25, -0.25, 0.5]]},
    "where": {"ties": [KINK, [-1.5, 0.0, 0.0, 1.0], [0.5, -0.5, 0.25]]},
    "pow": {"zero_base": [[0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.5, 3.0, 1.5, 0.25, 2.5, 4.0], [0.0, 1.0, 2.0, 3.0]]},
    "gated_experts": {"dead": [[0.0] * 15, [0.5] * 12, [0.25] * 12, [1.0, -1.0] * 3, [0.0, 0.5, -0.5, 0.0]]},
    "softplus": {"large": [LARGE]},
    "sigmoid": {"large": [LARGE]},
    "tanh": {"large": [LARGE]},
    "erf": {"large": [LARGE]},
    "gelu": {"large": [LARGE]},
    "softmax": {"large": [LARGE]},
    "softmax_first": {"large": [LARGE]},
    "log_softmax": {"large": [LARGE]},
    "layer_normalization": {"no_variance": [[0.5] * 6 + [2.0] * 5 + [-1.0] + [3.0, -3.0] * 3, [1.0, 0.5, -0.5, 2.0, 1.0, 1.0], [0.25] * 6]},
    # Ten times these are the logits: up to +-50, and far beyond. The labels are a half, nearly 0 and nearly 1.
    "binary_cross_entropy": {"large": [
        [-5.0, 5.0, -5.0, 5.0, -5.0, 5.0, -20.0, 20.0, 0.0, 1000.0, -1000.0, 2.0],
        [0.0, 0.0, -50.0, 50.0, 50.0, -50.0, 1.0, -1.0, 0.0, 1.0, -1.0, 0.5]]},
}


def draw(size, positive):
    values = np.round(random.uniform(0.5, 1.5, size) * 64) / 64
    return values if positive else values * random.choice([-1.0, 1.0], size)


def point(name, at, inputs):
    shapes, function = CASES[name][:2]
    x = [torch.tensor(np.asarray(values).reshape(shape), requires_grad=True) for values, shape in zip(inputs, shapes)]
    y = function(x)
    weights = np.round(random.uniform(0.5, 1.5, y.shape) * 64) / 64
    (y * torch.tensor(weights)).sum().backward()
    gradients = [(torch.zeros_like(value) if value.grad is None else value.grad) for value in x]
    entry = {
        "case": name, "at": at, "shapes": shapes, "inputs": [flat(value.detach()) for value in x],
        "shape": list(y.shape), "weights": flat(torch.tensor(weights)), "y": flat(y.detach()), "gradients": [flat(value) for value in gradients],
    }
    for values in entry["inputs"] + [entry["weights"], entry["y"]] + entry["gradients"]:
        assert all(math.isfinite(value) for value in values), (name, at, values)
    return entry


def flat(tensor):
    return [float(f"{value:.12g}") for value in tensor.reshape(-1).tolist()]


def main():
    entries = []
    for name, case in CASES.items():
        positive = len(case) > 2
        entries.append(point(name, "random", [draw(math.prod(shape), positive) for shape in case[0]]))
        entries += [point(name, at, inputs) for at, inputs in POINTS.get(name, {}).items()]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "gradients.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


if __name__ == "__main__":
    main()
