"""Writes ../fixtures/optimizers.json: what PyTorch's optimizers make of given gradients. Run: python3 make_optimizer_goldens.py

Needs torch (made with Debian's python3-torch 1.13) and numpy. The seed is fixed, so that a second run writes the same bytes.
Every number is a float32, written so that it reads back to the same bits.
"""

import json
import pathlib

import numpy as np
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "optimizers.json"
LENGTH, STEPS = 21, 8
ROWS, WIDTH, PLACES = 9, 11, 12
random = np.random.default_rng(20261122)
torch.set_num_threads(1)


def flat(array):
    return list(np.asarray(array, dtype=np.float32).reshape(-1))


def text(value, indent=0):
    """JSON with lists of numbers on one line, and float32s in their shortest form."""
    if isinstance(value, np.float32):
        return str(value)
    margin = "\n" + " " * (indent + 1)
    if isinstance(value, dict):
        return "{" + ",".join(f"{margin}{json.dumps(k)}: {text(v, indent + 1)}" for k, v in value.items()) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        return "[" + ",".join(margin + text(v, indent + 1) for v in value) + "\n" + " " * indent + "]"
    if isinstance(value, list):
        return "[" + ", ".join(text(v) for v in value) + "]"
    return json.dumps(value)


def rates(peak):
    """Changes from step to step, as under a schedule."""
    return [peak * (1 - 0.07 * k) for k in range(STEPS)]


def dense(name, options, make, peak):
    start = random.normal(0, 0.5, LENGTH).astype(np.float32)
    # From 1e-6 to 10, some exactly 0.
    gradients = (random.normal(0, 1, (STEPS, LENGTH)) * 10.0 ** random.uniform(-6, 1, (STEPS, LENGTH))).astype(np.float32)
    gradients[:, 3] = 0
    gradients[2:, 5] = 0
    parameter = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = make([parameter])
    expected = []
    for rate, gradient in zip(rates(peak), gradients):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        expected.append(flat(parameter.detach().numpy()))
    return {"name": name, "options": options, "rates": rates(peak), "start": flat(start),
            "gradients": [flat(g) for g in gradients], "expected": expected}


def coo(rows, gradients):
    return torch.sparse_coo_tensor(torch.from_numpy(rows)[None, :], torch.from_numpy(gradients.copy()), (ROWS, WIDTH))


def sparse(name, options, make, peak):
    start = random.normal(0, 0.5, (ROWS, WIDTH)).astype(np.float32)
    parameter = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = make([parameter])
    batches, expected = [], []
    for rate in rates(peak):
        # Row 8 is never touched; few rows, so that most repeat.
        rows = random.integers(0, random.integers(2, ROWS), PLACES)
        gradients = (random.normal(0, 1, (PLACES, WIDTH)) * 10.0 ** random.uniform(-4, 1, (PLACES, 1))).astype(np.float32)
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = coo(rows, gradients)
        optimizer.step()
        batches.append({"rows": rows.tolist(), "gradients": flat(gradients)})
        expected.append(flat(parameter.detach().numpy()))
    return {"name": name, "options": options, "rates": rates(peak), "rows": ROWS, "width": WIDTH, "start": flat(start),
            "batches": batches, "expected": expected}


def clip(maximum):
    first = random.normal(0, 1, LENGTH).astype(np.float32)
    second = random.normal(0, 1, 5).astype(np.float32)
    rows = random.integers(0, 4, PLACES)
    table = random.normal(0, 1, (PLACES, WIDTH)).astype(np.float32)
    parameters = [torch.nn.Parameter(torch.zeros(LENGTH)), torch.nn.Parameter(torch.zeros(5)), torch.nn.Parameter(torch.zeros(ROWS, WIDTH))]
    parameters[0].grad = torch.from_numpy(first.copy())
    parameters[1].grad = torch.from_numpy(second.copy())
    parameters[2].grad = coo(rows, table)
    norm = torch.nn.utils.clip_grad_norm_(parameters, 1e9)
    # The norm above counts the sparse gradient; but what PyTorch 1.13 scales of it is a copy, so that it is never clipped.
    # What clipping should give is therefore taken from the same gradient made dense.
    parameters[2].grad = coo(rows, table).to_dense()
    torch.nn.utils.clip_grad_norm_(parameters, maximum)
    return {"maximum": maximum, "first": flat(first), "second": flat(second), "rows": rows.tolist(), "table": flat(table),
            "norm": np.float32(norm), "clipped_first": flat(parameters[0].grad), "clipped_table": flat(parameters[2].grad)}


def main():
    o = torch.optim
    golden = {
        "torch": torch.__version__,
        "dense": [
            dense("adam", {"Beta1": 0.9, "Beta2": 0.999, "Epsilon": 1e-8}, lambda p: o.Adam(p), 0.01),
            dense("adam", {"Beta1": 0.8, "Beta2": 0.95, "Epsilon": 1e-3},
                  lambda p: o.Adam(p, betas=(0.8, 0.95), eps=1e-3), 0.1),
            dense("adam", {"Beta1": 0.9, "Beta2": 0.999, "Epsilon": 1e-8, "WeightDecay": 0.1},
                  lambda p: o.AdamW(p, weight_decay=0.1), 0.01),
            dense("sgd", {}, lambda p: o.SGD(p, lr=0.1), 0.1),
            dense("sgd", {"Momentum": 0.9}, lambda p: o.SGD(p, lr=0.1, momentum=0.9), 0.1),
            dense("sgd", {"Momentum": 0.8, "WeightDecay": 0.05},
                  lambda p: o.SGD(p, lr=0.1, momentum=0.8, weight_decay=0.05), 0.1),
            dense("sgd", {"Momentum": 0.9, "WeightDecay": 0.01, "Nesterov": True},
                  lambda p: o.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True), 0.1),
            dense("adagrad", {}, lambda p: o.Adagrad(p), 0.05),
            dense("adagrad", {"WeightDecay": 0.02, "InitialAccumulator": 0.1, "Epsilon": 1e-6},
                  lambda p: o.Adagrad(p, weight_decay=0.02, initial_accumulator_value=0.1, eps=1e-6), 0.05),
        ],
        "sparse": [
            sparse("adam", {}, lambda p: o.SparseAdam(p), 0.01),
            sparse("adam", {"Beta1": 0.85, "Beta2": 0.99, "Epsilon": 1e-4},
                   lambda p: o.SparseAdam(p, betas=(0.85, 0.99), eps=1e-4), 0.05),
            sparse("adagrad", {}, lambda p: o.Adagrad(p), 0.05),
            sparse("adagrad", {"InitialAccumulator": 0.1, "Epsilon": 1e-6},
                   lambda p: o.Adagrad(p, initial_accumulator_value=0.1, eps=1e-6), 0.05),
        ],
        "clip": [clip(1.0), clip(1000.0)],
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text(golden) + "\n")


if __name__ == "__main__":
    main()
