"""Prints the golden rows of MeanVarianceCalibratorTests: the formula in 60 digits, rounded once to float32."""

from decimal import Decimal, getcontext

import numpy as np

getcontext().prec = 60
CASES = [
    # own mean, own std, baseline mean, baseline std, scores
    (0.31, 0.12, 0.048, 0.021, [0.0, 0.31, 0.5, 1.0, -2.5]),
    (0.0, 1.0, 0.0, 1.0, [0.1, -0.1, 3e38]),
    (0.5, 1e-9, 0.05, 0.02, [0.5, 0.50000006, 0.49999997]),
    (1e6, 0.25, 0.05, 0.02, [1e6, 1000000.5, 999999.25]),
    (-3.75, 12.5, 1e-3, 1e-6, [0.0, 100.0, -100.0]),
    # A sigma far below the mean: folded into one shift, these are 205 ulp off.
    (0.5, 1e-12, 0.05, 0.02, [0.5]),
    (1e6, 1e-6, 0.05, 0.02, [1e6]),
]

for own_mean, own_std, mean, std, scores in CASES:
    for score in scores:
        score = np.float32(score)
        exact = Decimal(mean) + Decimal(std) / Decimal(own_std) * (Decimal(float(score)) - Decimal(own_mean))
        print(f"    [InlineData({own_mean!r}, {own_std!r}, {mean!r}, {std!r}, {float(score)!r}f, {float(np.float32(float(exact)))!r}f)]")
