"""Traces of Optuna's TPE sampler for tests/Pantheon.Learning.Tests/Search.

    python3 golden_tpe.py > ../fixtures/golden_tpe.json     # Debian: python3-optuna python3-scipy

Random numbers are not compared. A trace has the trials and, at some of them, the candidates that were drawn, their log densities under
both estimators, both estimators' kernels and the values proposed: whoever has the trials must come to the same kernels, densities and
choice.

Optuna 3.1.0, which Debian 12 has, leaves the kernel's width out of the truncated normal's density (no "- log(scale)"). SciPy's, which has
it, stands in for it here.
"""
import json
import math
import statistics

import numpy
import optuna
import scipy.stats
from optuna.samplers._tpe import parzen_estimator, sampler

optuna.logging.set_verbosity(optuna.logging.ERROR)
RANGES = {"x": (-5, 5, False), "y": (-5, 5, False), "z": (-5, 5, False), "rate": (1e-4, 1, True)}
recorded = []


class Recording(parzen_estimator._ParzenEstimator):
    def sample(self, rng, size):
        samples = super().sample(rng, size)
        recorded.append([self, None, samples])
        return samples

    def log_pdf(self, samples):
        result = super().log_pdf(samples)
        if recorded and recorded[-1][2] is samples and recorded[-1][0] is not self:
            recorded[-1][1] = self
        return result


sampler._ParzenEstimator = Recording
parzen_estimator.truncnorm.logpdf = scipy.stats.truncnorm.logpdf


def bowl(trial):
    values = [trial.suggest_float(name, low, high, log=log) for name, (low, high, log) in RANGES.items()]
    return (values[0] - 1) ** 2 + (values[1] + 2) ** 2 + (values[2] - 3) ** 2 + (math.log10(values[3]) + 3) ** 2


def run(multivariate, seed, trials):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, multivariate=multivariate))
    study.optimize(bowl, n_trials=trials)
    return study


def estimator(one, names):
    return {
        "weights": one._weights.tolist(),
        "centres": [one._mus[name].tolist() for name in names],
        "widths": [one._sigmas[name].tolist() for name in names],
    }


def trace(multivariate, seed, trials, kept):
    recorded.clear()
    study = run(multivariate, seed, trials)
    steps = []
    proposals = iter(recorded)
    for number in range(10, trials):
        for _ in range(1 if multivariate else len(RANGES)):
            below, above, samples = next(proposals)
            if number not in kept:
                continue
            names = list(samples)
            steps.append({
                "trial": number,
                "parameters": names,
                "candidates": [numpy.asarray(samples[name]).tolist() for name in names],
                "logBelow": parzen_estimator._ParzenEstimator.log_pdf(below, samples).tolist(),
                "logAbove": parzen_estimator._ParzenEstimator.log_pdf(above, samples).tolist(),
                "below": estimator(below, names),
                "above": estimator(above, names) if number < 60 else None,
            })
    return {
        "multivariate": multivariate,
        "values": [[trial.params[name] for name in RANGES] for trial in study.trials],
        "scores": [trial.value for trial in study.trials],
        "steps": steps,
    }


print(json.dumps({
    "optuna": optuna.__version__,
    "parameters": list(RANGES),
    "traces": [trace(False, 3, 301, (10, 11, 23, 50, 120, 300)), trace(True, 4, 301, (10, 11, 50, 300))],
    "medianBest": statistics.median(run(False, seed, 100).best_value for seed in range(25)),
    "medianBestMultivariate": statistics.median(run(True, seed, 100).best_value for seed in range(25)),
}))
