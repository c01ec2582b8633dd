"""check_models.py check FILE...     : checker and strict shape inference on each
check_models.py same FILE FILE ... : each pair has equal messages, unknown fields included

Prints one line per file or pair, "ok" or what is wrong; exits 1 if anything is.
"""
import sys

import onnx
from onnx import shape_inference


def check(path):
    model = onnx.load(path, load_external_data=False)
    onnx.checker.check_model(model, full_check=True)
    shape_inference.infer_shapes(model, check_type=True, strict_mode=True)


def same(first, second):
    with open(first, "rb") as a, open(second, "rb") as b:
        a, b = onnx.ModelProto.FromString(a.read()), onnx.ModelProto.FromString(b.read())
    if a != b:
        raise ValueError("the messages differ")
    # Deterministic bytes compare what == may not: unknown fields.
    if a.SerializeToString(deterministic=True) != b.SerializeToString(deterministic=True):
        raise ValueError("the bytes differ")


def main(mode, *paths):
    groups = [(p,) for p in paths] if mode == "check" else list(zip(paths[::2], paths[1::2]))
    failed = False
    for group in groups:
        try:
            (check if mode == "check" else same)(*group)
            print("ok", *group)
        except Exception as e:  # every failure is a line of the report
            failed = True
            print("FAILED", *group, type(e).__name__, e)
    return 1 if failed or not groups else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
