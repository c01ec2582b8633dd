"""Writes the graphs in ../fixtures and what numpy computes for them. Run: python3 make_fixtures.py

Needs onnx and numpy only. The seed is fixed, so that a second run writes the same bytes.
"""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
USERS, ITEMS, WIDTH = 10, 100, 4
random = np.random.default_rng(20240607)


def value(name, element, shape):
    return helper.make_tensor_value_info(name, element, shape)


def constant(name, array):
    return numpy_helper.from_array(array, name)


def save(name, nodes, inputs, outputs, initializers, **options):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="make_fixtures")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save_model(model, str(HERE / f"{name}.onnx"), **options)


def numbers(*shape):
    return random.standard_normal(shape).astype(np.float32)


user_table, item_table = numbers(USERS, WIDTH), numbers(ITEMS, WIDTH)
item_weights, pxtr_weights = numbers(2, 1), numbers(2, 2)


def rank(name, tiled):
    """score = (user row + user features) . item row + item features . w, and two Pxtrs."""
    rows = "n" if tiled else 1
    user_shape = [rows] if tiled else [1]
    save(
        name,
        [
            helper.make_node("Gather", ["user_table", "user_id"], ["user_row"]),
            helper.make_node("Gather", ["item_table", "item_id"], ["item_row"]),
            helper.make_node("Add", ["user_row", "user_dense"], ["user"]),
            helper.make_node("Mul", ["user", "item_row"], ["products"]),
            helper.make_node("ReduceSum", ["products", "last"], ["dot"], keepdims=1),
            helper.make_node("MatMul", ["item_dense", "item_weights"], ["linear"]),
            helper.make_node("Add", ["dot", "linear"], ["column"]),
            helper.make_node("Squeeze", ["column", "last"], ["score"]),
            helper.make_node("MatMul", ["item_dense", "pxtr_weights"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["pxtr"]),
        ],
        [
            value("user_id", INT64, user_shape),
            value("user_dense", FLOAT, [rows, WIDTH]),
            value("item_id", INT64, ["n"]),
            value("item_dense", FLOAT, ["n", 2]),
        ],
        [value("score", FLOAT, ["n"]), value("pxtr", FLOAT, ["n", 2])],
        [
            constant("user_table", user_table),
            constant("item_table", item_table),
            constant("item_weights", item_weights),
            constant("pxtr_weights", pxtr_weights),
            constant("last", np.array([1], np.int64)),
        ],
    )


def golden(candidates):
    """One request for the rank graph, with what numpy computes in double precision."""
    user, dense = random.integers(0, USERS), numbers(1, WIDTH)
    items, features = random.integers(0, ITEMS, candidates), numbers(candidates, 2)
    wide = features.astype(np.float64)
    score = ((user_table[user].astype(np.float64) + dense) * item_table[items]).sum(axis=1) + (wide @ item_weights)[:, 0]
    pxtr = 1 / (1 + np.exp(-(wide @ pxtr_weights)))
    # Decimal text of a float32 that reads back to the same bits.
    text = lambda array: np.float32(array).astype(np.float64).tolist()
    return {
        "user_id": [int(user)],
        "user_dense": text(dense),
        "item_id": items.tolist(),
        "item_dense": text(features),
        "score": text(score),
        "pxtr": text(pxtr),
    }


def two_pxtrs():
    """Score as a column, and one output per objective, one of them a column."""
    save(
        "two-pxtrs",
        [
            helper.make_node("Mul", ["x", "two"], ["like"]),
            helper.make_node("Add", ["x", "two"], ["sum"]),
            helper.make_node("Unsqueeze", ["sum", "last"], ["share"]),
            helper.make_node("Mul", ["share", "share"], ["score"]),
        ],
        [value("x", FLOAT, ["n"])],
        [value("score", FLOAT, ["n", 1]), value("like", FLOAT, ["n"]), value("share", FLOAT, ["n", 1])],
        [constant("two", np.array([2], np.float32)), constant("last", np.array([1], np.int64))],
    )


def echo():
    """score = x: whatever comes, NaN too, is the score."""
    save("echo", [helper.make_node("Mul", ["x", "one"], ["score"])], [value("x", FLOAT, ["n"])], [value("score", FLOAT, ["n"])],
         [constant("one", np.array([1], np.float32))])


def logarithm():
    """score = log(x): NaN below zero, minus infinity at it."""
    save("log", [helper.make_node("Log", ["x"], ["score"])], [value("x", FLOAT, ["n"])], [value("score", FLOAT, ["n"])], [])


def slow():
    """As many rounds of a loop as `rounds` says: runs for as long as a test wants, and ends between nodes when told to."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["still_going"]),
            helper.make_node("Tanh", ["in"], ["bounded"]),
            helper.make_node("Add", ["bounded", "step"], ["out"]),
        ],
        "body",
        [value("round", INT64, []), value("going", BOOL, []), value("in", FLOAT, None)],
        [value("still_going", BOOL, []), value("out", FLOAT, None)],
        [constant("step", np.array([0.25], np.float32))],
    )
    save(
        "slow",
        [
            helper.make_node("Squeeze", ["rounds", "first"], ["limit"]),
            helper.make_node("Loop", ["limit", "yes", "x"], ["score"], body=body),
        ],
        [value("rounds", INT64, [1]), value("x", FLOAT, ["n"])],
        [value("score", FLOAT, ["n"])],
        [constant("first", np.array([0], np.int64)), constant("yes", np.array(True))],
    )


def wide():
    """User features tiled by the service: score = sum of the user's row."""
    save(
        "wide-tiled",
        [
            helper.make_node("ReduceSum", ["user", "last"], ["sum"], keepdims=0),
            helper.make_node("Add", ["sum", "x"], ["score"]),
        ],
        [value("user", FLOAT, ["n", 1024]), value("x", FLOAT, ["n"])],
        [value("score", FLOAT, ["n"])],
        [constant("last", np.array([1], np.int64))],
    )


def external():
    """score = x . w with w beside the graph."""
    save(
        "external",
        [helper.make_node("MatMul", ["x", "weights"], ["score"])],
        [value("x", FLOAT, ["n", 512])],
        [value("score", FLOAT, ["n", 1])],
        [constant("weights", numbers(512, 1))],
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=1024,
    )


HERE.mkdir(exist_ok=True)
rank("rank", tiled=False)
rank("rank-tiled", tiled=True)
for old in HERE.glob("weights.bin"):
    old.unlink()
two_pxtrs()
echo()
logarithm()
slow()
wide()
external()
(HERE / "rank.golden.json").write_text(json.dumps({"requests": [golden(1), golden(7), golden(33)]}) + "\n")
(HERE / "not-onnx.onnx").write_text("this is not a graph\n")
