"""Writes ../fixtures/formulas.json: formulas with their values by Python's own parser and numpy: python3 make_formulas.py

A formula is made as text, without more parentheses than chance puts there; Python reads it with ^ written **, whose precedence
is the same. Pxtrs are float32 values, so that a float graph sees the very numbers. The tests read the committed file.
"""
import json
import math
import os
import random
import re
import warnings

import numpy as np

OBJECTIVES = ["is_click", "long_view", "is_like", "is_follow"]
FUNCTIONS = {"log": np.log, "exp": np.exp, "sqrt": np.sqrt, "min": np.minimum, "max": np.maximum,
             "sigmoid": lambda x: 1 / (1 + np.exp(-x))}
ROWS, COUNT = 4, 300
WRITTEN = [
    "(1+is_click)^1.0 * (1+long_view)^0.5 * (1+is_like)^2 * (1+is_follow)^3.5",
    "is_click", "-is_click^2", "2^-is_click", "2^3^is_click", "-2^2*is_click", "1-is_click-long_view", "1/is_click/long_view",
    "is_click*-long_view", "--is_click", "+is_click", "is_click^-long_view^2", "1e-3*is_click + 2.5E+1*long_view + .5 + 1.",
    "(1+is_click)^1 - 1", "log(is_click + 1e-6) * 0.7 + log(long_view + 1e-6)", "sigmoid(4*is_click - 2)", "min(is_click, max(long_view, 0.3))",
    "sqrt(is_click*long_view)", "0*is_click", "is_click/1*1", "((((is_click))))", "exp(-is_like)/(1+exp(-is_like))", "1*is_click-1*1",
]


def number(rng):
    return rng.choice(["0", "1", "2", "3", "0.5", "1.5", ".25", "2.", "1e-2", "1.0"])


def formula(rng, depth):
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(OBJECTIVES) if rng.random() < 0.7 else number(rng)
    def below():
        return formula(rng, depth - 1)
    kind = rng.random()
    space = rng.choice(["", " "])
    if kind < 0.62:
        return below() + space + rng.choice("++--**//^^") + space + below()
    if kind < 0.72:
        return rng.choice(["-", "+", "- "]) + below()
    if kind < 0.84:
        return "(" + below() + ")"
    if kind < 0.94:
        return rng.choice(["log", "exp", "sqrt", "sigmoid"]) + "(" + below() + ")"
    return rng.choice(["min", "max"]) + "(" + below() + "," + space + below() + ")"


def value(text, row):
    # Doubles throughout: Python's integers would not overflow.
    python = re.sub(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", r"double('\g<0>')", text.replace("^", "**"))
    scope = dict(FUNCTIONS, double=np.float64, **{name: np.float64(p) for name, p in zip(OBJECTIVES, row)})
    result = eval(python, {"__builtins__": {}}, scope)
    if not math.isfinite(result) or abs(result) > 1e6:
        raise ValueError("not a number to compare with")
    return float(result)


def main():
    rng = random.Random(20260722)
    warnings.simplefilter("error")
    rows = [[float(np.float32(rng.random())) for _ in OBJECTIVES] for _ in range(ROWS)]
    entries, seen = [], set()
    texts = iter(WRITTEN)
    while len(entries) < COUNT:
        text = next(texts, None)
        written = text is not None
        text = text or formula(rng, rng.randint(1, 5))
        if text in seen or not any(name in text for name in OBJECTIVES):
            continue
        seen.add(text)
        try:
            entries.append({"formula": text, "values": [value(text, row) for row in rows]})
        except (ValueError, ArithmeticError, TypeError, Warning):
            if written:
                raise
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "formulas.json")
    with open(path, "w") as file:
        file.write('{"objectives": %s,\n"pxtrs": %s,\n"entries": [\n' % (json.dumps(OBJECTIVES), json.dumps(rows)))
        file.write(",\n".join(json.dumps(entry) for entry in entries))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
