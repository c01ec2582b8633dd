"""Writes ../fixtures/recommender.json: the recommenders of SmallModel.cs written again in PyTorch, in double: losses, predictions
and the gradients of all parameters at the first batch, and the losses of five steps of AdamW and SparseAdam: python3 make_recommender.py

Needs torch (made with Debian's python3-torch 1.13). Written from the papers' equations and the names of the parameters, not from
the graph. The head's loss is Pantheon Eq. 8 as it stands, objective by objective. The seed is fixed, so that a second run writes
the same bytes.
"""
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
OBJECTIVES = ["is_click", "long_view", "is_like"]
PRIORS = [float(np.float32(p)) for p in (0.5, 0.1, 0.02)]
WEIGHTS = [0.5, 0.3, 0.2]
TABLES = {"user_id": 7, "video_id": 9, "tag": 5, "tab": 3, "feedback": 9}
ROWS, PLACES, STEPS, STRENGTH = 6, 4, 5, 10
RATE, TABLE_RATE, DECAY, CLIP = 0.01, 2, 0.05, 0.5
WIDTH, EXPERTS, EXPERT_LAYERS, STATE, HEAD_LAYERS, TOKEN, HEADS = 3, 2, [6, 5], 4, [6, 5], 8, 2
VARIANTS = {
    "mmoe, hidden states, mlp": dict(ple=False, states=True, transformer=False, attention=4, own=3, cross=4),
    "mmoe, pxtrs, mlp": dict(ple=False, states=False, transformer=False, attention=4, own=3, cross=4),
    "ple, hidden states, transformer": dict(ple=True, states=True, transformer=True, attention=4, own=3, cross=4),
    "mmoe, no history, no own embeddings": dict(ple=False, states=True, transformer=False, attention=0, own=0, cross=0),
}


class Twin:
    """Parameters are made where they are first used; their names are those of the graph."""

    def __init__(self, options, seed):
        self.options, self.random, self.parameters, self.tables = options, np.random.default_rng(seed), {}, set()

    def parameter(self, name, *shape):
        if name not in self.parameters:
            values = np.round(self.random.uniform(-0.4, 0.4, shape) * 256) / 256
            self.parameters[name] = torch.tensor(values, requires_grad=True)
        return self.parameters[name]

    def embed(self, name, rows, ids):
        self.tables.add(name)
        return F.embedding(ids, self.parameter(name, rows, WIDTH), sparse=True)

    def linear(self, name, value, width):
        return value @ self.parameter(f"{name}/weight", value.shape[-1], width) + self.parameter(f"{name}/bias", width)

    def linear_of_both(self, name, user, candidate, width):
        return (candidate @ self.parameter(f"{name}/candidate_weight", candidate.shape[1], width)
                + user @ self.parameter(f"{name}/user_weight", user.shape[1], width) + self.parameter(f"{name}/bias", width))

    def stack(self, name, value, widths):
        for layer, width in enumerate(widths):
            value = torch.relu(self.linear(f"{name}/{layer}", value, width))
        return value

    def norm(self, name, value):
        return F.layer_norm(value, [TOKEN], self.parameter(f"{name}/scale", TOKEN), self.parameter(f"{name}/shift", TOKEN), 1e-5)

    def features(self, batch):
        def table(name, ids):
            return self.embed(f"ranking/embedding/{name}", TABLES[name], batch[ids])
        user = torch.cat([table("user_id", "user_id"), table("tab", "tab"), evidence(batch["user_counts"]), scaled(batch["user_recency"])], 1)
        candidate = [table("video_id", "video_id"), table("tag", "tag"), scaled(batch["video_shape"]), evidence(batch["video_counts"])]
        if not self.options["attention"]:
            self.embed("ranking/embedding/feedback", TABLES["feedback"], torch.zeros(0, dtype=torch.long))
            return user, self.crossed(user, torch.cat(candidate, 1))
        query = torch.cat([table("video_id", "video_id"), table("tag", "tag")], 1)[:, None, :]
        alike = torch.cat([table("video_id", "recent_video_id"), table("tag", "recent_tag")], 2)
        past = torch.cat([alike, table("feedback", "recent_feedback")], 2)
        width = self.options["attention"]
        unit = (self.linear("ranking/history/query", query, width) + self.linear("ranking/history/key", past, width)
                + self.linear("ranking/history/product", query * alike, width))
        logits = self.linear("ranking/history/weight", torch.relu(unit), 1)[:, :, 0]
        filled = batch["recent_video_id"] > 0
        # A softmax over the places that are filled; nothing where there is none.
        shares = torch.where(filled, torch.exp(logits - logits.max()), torch.zeros(()))
        shares = shares / torch.where(filled.any(1, keepdim=True), shares.sum(1, keepdim=True), torch.ones(()))
        candidate.append((shares[:, :, None] * past).sum(1))
        return user, self.crossed(user, torch.cat(candidate, 1))

    def crossed(self, user, candidate):
        width = self.options["cross"]
        if not width:
            return candidate
        product = self.linear("ranking/cross/user", user, width) * self.linear("ranking/cross/candidate", candidate, width)
        return torch.cat([candidate, product], 1)

    def ranking(self, user, candidate):
        own = 1 if self.options["ple"] else 0
        count, seen = EXPERTS + len(OBJECTIVES) * own, EXPERTS + own
        first = torch.relu(self.linear_of_both("ranking/experts", user, candidate, count * EXPERT_LAYERS[0]))
        experts = [self.stack(f"ranking/experts/{k}", first[:, k * EXPERT_LAYERS[0]:(k + 1) * EXPERT_LAYERS[0]], EXPERT_LAYERS[1:]) for k in range(count)]
        gates = self.linear_of_both("ranking/gates", user, candidate, len(OBJECTIVES) * seen)
        states, logits = [], []
        for m, objective in enumerate(OBJECTIVES):
            mine = experts[:EXPERTS] + experts[EXPERTS + m * own:EXPERTS + (m + 1) * own]
            gate = torch.softmax(gates[:, m * seen:(m + 1) * seen], 1)
            mixture = sum(gate[:, [k]] * expert for k, expert in enumerate(mine))
            states.append(self.stack(f"ranking/tower/{objective}", mixture, [STATE]))
            logits.append(self.linear(f"ranking/head/{objective}", states[m], 1) + math.log(PRIORS[m] / (1 - PRIORS[m])))
        return states, torch.cat(logits, 1)

    def head(self, batch, states, logits):
        seen = [state.detach() for state in states] if self.options["states"] else list(logits.detach().split(1, 1))
        user = item = None
        if self.options["own"]:
            user = self.embed("pantheon/user", TABLES["user_id"], batch["user_id"])
            item = self.embed("pantheon/item", TABLES["video_id"], batch["video_id"])
        if not self.options["transformer"]:
            candidate = torch.cat(seen if item is None else [item] + seen, 1)
            first = (self.linear("pantheon/first", candidate, HEAD_LAYERS[0]) if user is None
                     else self.linear_of_both("pantheon/first", user, candidate, HEAD_LAYERS[0]))
            return self.linear("pantheon/score", self.stack("pantheon/layers", torch.relu(first), HEAD_LAYERS[1:]), 1)
        tokens = [self.linear(f"pantheon/token/{m}", state, TOKEN) for m, state in enumerate(seen)]
        tokens.append(self.linear("pantheon/token/item", item, TOKEN))
        x = torch.stack(tokens, 1) + self.linear("pantheon/token/user", user, TOKEN)[:, None, :]
        x = x + self.attention(self.norm("pantheon/attention/norm", x))
        hidden = F.gelu(self.linear("pantheon/feed/in", self.norm("pantheon/feed/norm", x), 2 * TOKEN))
        x = x + self.linear("pantheon/feed/out", hidden, TOKEN)
        return self.linear("pantheon/score", self.norm("pantheon/norm", x).mean(1), 1)

    # PyTorch's own attention; it takes the three projections as one matrix, outputs first.
    def attention(self, x):
        names = [f"pantheon/attention/{part}" for part in ("query", "key", "value")]
        weight = torch.cat([self.parameter(f"{name}/weight", TOKEN, TOKEN).T for name in names], 0)
        bias = torch.cat([self.parameter(f"{name}/bias", TOKEN) for name in names], 0)
        out = "pantheon/attention/out"
        y = x.transpose(0, 1)
        mixed, _ = F.multi_head_attention_forward(
            y, y, y, TOKEN, HEADS, weight, bias, None, None, False, 0.0,
            self.parameter(f"{out}/weight", TOKEN, TOKEN).T, self.parameter(f"{out}/bias", TOKEN))
        return mixed.transpose(0, 1)

    def __call__(self, batch):
        states, logits = self.ranking(*self.features(batch))
        logit = self.head(batch, states, logits)
        labels = batch["labels"]
        ranking = F.binary_cross_entropy_with_logits(logits, labels, reduction="none").sum(1).mean()
        fused = sum(w * F.binary_cross_entropy_with_logits(logit[:, 0], labels[:, m]) for m, w in enumerate(WEIGHTS))
        return ranking, fused, torch.sigmoid(logits), torch.sigmoid(logit[:, 0])


def scaled(value):
    return torch.log1p(value) / 4


def evidence(counts):
    exposures, positives = counts[:, :1], counts[:, 1:]
    prior = torch.tensor(PRIORS)
    negatives = (exposures - positives).clamp(min=0)
    odds = torch.log((positives + STRENGTH * prior) / (negatives + STRENGTH * (1 - prior))) - torch.log(prior / (1 - prior))
    return torch.cat([scaled(exposures), odds], 1)


def batches(random):
    def ids(table, *shape):
        return random.integers(0, TABLES[table], shape)

    def counts():
        rows = [[20, random.integers(21), random.integers(9), random.integers(2)] for _ in range(ROWS)]
        # Nothing seen, and counters that are out of step.
        rows[1], rows[2] = [0, 0, 0, 0], [3, 4, 1, 0]
        return np.array(rows, dtype=float)

    for _ in range(STEPS):
        filled = (np.arange(PLACES)[None, :] < np.array([[4], [3], [0], [1], [2], [4]]))
        yield {
            "user_id": ids("user_id", ROWS), "tab": ids("tab", ROWS), "user_counts": counts(),
            "user_recency": random.integers(0, 400, (ROWS, 2)) / 4, "video_id": ids("video_id", ROWS), "tag": ids("tag", ROWS),
            "video_shape": random.integers(0, 400, (ROWS, 2)) / 4, "video_counts": counts(),
            **{f"recent_{table}": (1 + random.integers(0, TABLES[table] - 1, (ROWS, PLACES))) * filled for table in ("video_id", "tag", "feedback")},
            "labels": random.integers(0, 2, (ROWS, len(OBJECTIVES))).astype(float),
        }


def dense(gradient):
    return gradient.to_dense() if gradient.is_sparse else gradient


def part_of(name):
    return name.split("/")[0]


def train(twin, data):
    optimizers = [
        torch.optim.AdamW([p for n, p in twin.parameters.items() if n not in twin.tables], lr=RATE, weight_decay=DECAY),
        torch.optim.SparseAdam([p for n, p in twin.parameters.items() if n in twin.tables], lr=RATE * TABLE_RATE),
    ]
    losses, clipped = [], 0
    for batch in data:
        for parameter in twin.parameters.values():
            parameter.grad = None
        ranking, fused, _, _ = twin(batch)
        losses.append([ranking.item(), fused.item()])
        (ranking + fused).backward()
        for part in ("ranking", "pantheon"):
            gradients = [p.grad for n, p in twin.parameters.items() if part_of(n) == part and p.grad is not None]
            norm = math.sqrt(sum((dense(g) ** 2).sum().item() for g in gradients))
            clipped += norm > CLIP
            for gradient in gradients:
                gradient.mul_(min(1, CLIP / (norm + 1e-6)))
        for optimizer in optimizers:
            optimizer.step()
    assert clipped > 0, "the clipping had nothing to do"
    return losses


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().reshape(-1).tolist()]


def main():
    data = list(batches(np.random.default_rng(20261122)))
    tensors = [{name: torch.tensor(values) for name, values in batch.items()} for batch in data]
    variants = {}
    for seed, (name, options) in enumerate(VARIANTS.items()):
        twin = Twin(options, seed)
        ranking, fused, pxtrs, scores = twin(tensors[0])
        (ranking + fused).backward()
        parameters = {
            key: {"shape": list(p.shape), "values": numbers(p), "gradient": numbers(torch.zeros_like(p) if p.grad is None else dense(p.grad))}
            for key, p in twin.parameters.items()}
        variants[name] = {
            "parameters": parameters, "tables": sorted(twin.tables), "pxtrs": numbers(pxtrs), "scores": numbers(scores),
            "losses": train(twin, tensors)}
    fixture = {
        "weights": WEIGHTS, "rate": RATE, "tableRate": TABLE_RATE, "decay": DECAY, "clip": CLIP,
        "batches": [{name: values.reshape(-1).tolist() for name, values in batch.items()} for batch in data], "variants": variants}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "recommender.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(fixture).replace(', "', ',\n"') + "\n")


if __name__ == "__main__":
    main()
