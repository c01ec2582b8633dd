"""Golden values for tests/Pantheon.Learning.Tests/Metrics, made by scikit-learn and SciPy.

    python3 golden_metrics.py > ../fixtures/golden_metrics.json     # Debian: python3-sklearn python3-scipy

Scores are multiples of 1/64, so that float32 and float64 hold the same numbers and ties are ties in both.
"""
import json

import numpy as np
import scipy
import sklearn
from scipy.stats import kendalltau
from sklearn.metrics import average_precision_score, log_loss, ndcg_score, roc_auc_score

random = np.random.default_rng(20)


def case(rows, levels, rate):
    scores = random.integers(1, levels, rows) / levels
    labels = (random.random(rows) < rate * 2 * scores).astype(int)
    labels[0], labels[1] = 0, 1
    other = random.integers(0, levels, rows) / levels + scores
    # Average precision has no agreed value for ties; distinct scores there.
    distinct = random.permutation(rows) / 1024.0
    return {
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "other": other.tolist(),
        "distinct": distinct.tolist(),
        "auc": roc_auc_score(labels, scores),
        "logLoss": log_loss(labels, scores),
        "averagePrecision": average_precision_score(labels, distinct),
        "ndcg": {k: ndcg_score([labels], [scores], k=k) for k in (1, 3, 5, 10, 50)},
        "tau": kendalltau(scores, other)[0],
        "tauOfLabels": kendalltau(scores, labels)[0],
    }


def grouped(rows, users, objectives):
    user = random.integers(0, users, rows)
    scores = random.integers(0, 64, rows) / 64
    labels = [(random.random(rows) < rate).astype(int) for rate in (0.5, 0.2, 0.03)[:objectives]]
    results = []
    for label in labels:
        exposures = positives = by_exposures = by_positives = retained = 0
        for u in range(users):
            mine = user == u
            if label[mine].min() == label[mine].max():
                continue
            auc = roc_auc_score(label[mine], scores[mine])
            retained += 1
            exposures += mine.sum()
            positives += label[mine].sum()
            by_exposures += mine.sum() * auc
            by_positives += label[mine].sum() * auc
        results.append({
            "gauc": by_exposures / exposures,
            "positivesWeighted": by_positives / positives,
            "userCoverage": retained / len(set(user.tolist())),
            "rowCoverage": exposures / rows,
        })
    return {"users": user.tolist(), "scores": scores.tolist(), "labels": [label.tolist() for label in labels], "results": results}


print(json.dumps({
    "scikitLearn": sklearn.__version__,
    "scipy": scipy.__version__,
    "cases": [case(20, 8, 0.4), case(100, 64, 0.3), case(600, 64, 0.1), case(1000, 16, 0.5)],
    "grouped": grouped(700, 40, 3),
}))
