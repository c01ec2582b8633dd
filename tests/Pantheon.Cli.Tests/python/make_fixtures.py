"""Writes the graphs in ../fixtures with python3-onnx 1.12: run it with Debian's python3, commit what it writes.

All are one small ranking model, each with one thing about it changed:
user_id int64 [1] and user_dense float [1,2] of the user, item_id int64 [n] and item_dense float [n,2] of the candidates;
score float [n] and pxtr float [n,2]. The user table has 5 rows, the item table 9.
"""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
INT64, FLOAT = TensorProto.INT64, TensorProto.FLOAT


def weights():
    random = np.random.RandomState(7)
    draw = lambda *shape: random.uniform(-1, 1, shape).astype(np.float32)
    return {"user_table": draw(5, 2), "item_table": draw(9, 2), "mix": draw(2, 2)}


def model(name, inputs=None, nodes=None, outputs=None, initializers=None):
    """inputs and outputs: name -> (type, shape), laid over the plain ones; None takes one away."""
    all_inputs = {"user_id": (INT64, [1]), "user_dense": (FLOAT, [1, 2]), "item_id": (INT64, ["n"]), "item_dense": (FLOAT, ["n", 2])}
    all_outputs = {"score": (FLOAT, ["n"]), "pxtr": (FLOAT, ["n", 2])}
    all_inputs.update(inputs or {})
    all_outputs.update(outputs or {})
    body = [
        helper.make_node("Gather", ["user_table", "user_id"], ["user_row"]),
        helper.make_node("Gather", ["item_table", "item_id"], ["item_row"]),
        helper.make_node("Add", ["user_row", "user_dense"], ["user_vector"]),
        helper.make_node("Add", ["item_row", "item_dense"], ["item_vector"]),
        helper.make_node("Add", ["item_vector", "user_vector"], ["both"]),
        helper.make_node("MatMul", ["both", "mix"], ["mixed"]),
        helper.make_node("Sigmoid", ["mixed"], ["pxtr"]),
        helper.make_node("ReduceMean", ["pxtr"], ["score"], axes=[1], keepdims=0),
    ] if nodes is None else nodes
    tensors = {**weights(), **(initializers or {})}
    graph = helper.make_graph(
        body, name,
        [helper.make_tensor_value_info(key, *value) for key, value in all_inputs.items() if value],
        [helper.make_tensor_value_info(key, *value) for key, value in all_outputs.items() if value],
        [numpy_helper.from_array(value, key) for key, value in tensors.items()
         if any(key in node.input for node in body)])
    return helper.make_model(graph, producer_name="fixtures", opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def save(name, value):
    onnx.save_model(value, os.path.join(FOLDER, name + ".onnx"))


def replaced(plain, position, *nodes):
    """The plain nodes with one replaced by others."""
    body = list(plain.graph.node)
    body[position:position + 1] = nodes
    return body


plain = model("plain")
body = list(plain.graph.node)
save("plain", plain)
save("no_score", model("no_score", nodes=body[:-1], outputs={"score": None}))
save("fixed_batch", model("fixed_batch", inputs={"item_id": (INT64, [128]), "item_dense": (FLOAT, [128, 2])},
                          outputs={"score": (FLOAT, [128]), "pxtr": (FLOAT, [128, 2])}))
save("two_open", model("two_open", inputs={"item_dense": (FLOAT, ["n", "width"])}))

cast = helper.make_node("Cast", ["item_id"], ["item_id_64"], to=INT64)
gather = helper.make_node("Gather", ["item_table", "item_id_64"], ["item_row"])
save("int32_id", model("int32_id", inputs={"item_id": (TensorProto.INT32, ["n"])}, nodes=replaced(plain, 1, cast, gather)))
dense = helper.make_node("Cast", ["item_dense"], ["item_dense_32"], to=FLOAT)
add = helper.make_node("Add", ["item_row", "item_dense_32"], ["item_vector"])
save("double_dense", model("double_dense", inputs={"item_dense": (TensorProto.DOUBLE, ["n", 2])}, nodes=replaced(plain, 3, dense, add)))
save("half_dense", model("half_dense", inputs={"item_dense": (TensorProto.FLOAT16, ["n", 2])}, nodes=replaced(plain, 3, dense, add)))

# Concat does not broadcast, so the user has to come once per candidate whatever the file calls its dimension.
concat = [helper.make_node("Concat", ["item_vector", "user_vector"], ["joined"], axis=1),
          helper.make_node("MatMul", ["joined", "mix4"], ["mixed"])]
wide = {"mix4": np.random.RandomState(8).uniform(-1, 1, (4, 2)).astype(np.float32)}
tiled = body[:4] + concat + body[6:]
for name, symbol in (("tiled", "users"), ("tiled_by_symbol", "n")):
    save(name, model(name, nodes=tiled, initializers=wide, inputs={"user_id": (INT64, [symbol]), "user_dense": (FLOAT, [symbol, 2])}))

# Open, and yet one row is enough.
save("open_user", model("open_user", inputs={"user_id": (INT64, ["users"]), "user_dense": (FLOAT, ["users", 2])}))
# Open because it is a sequence: its sum depends on how many rows there are.
total = helper.make_node("ReduceSum", ["user_dense", "axis"], ["user_total"], keepdims=1)
summed = [total, *body[:2], helper.make_node("Add", ["user_row", "user_total"], ["user_vector"]), *body[3:]]
save("sequence", model("sequence", inputs={"user_dense": (FLOAT, ["clicks", 2])}, nodes=summed,
                       initializers={"axis": np.array([0], np.int64)}))

# The id is shifted before the table, which the range analysis does not follow.
shift = helper.make_node("Add", ["item_id", "one"], ["item_shifted"])
shifted = helper.make_node("Gather", ["item_table", "item_shifted"], ["item_row"])
save("undecided", model("undecided", nodes=replaced(plain, 1, shift, shifted), initializers={"one": np.array([1], np.int64)}))

# Pxtrs as one output each, of [n,1], and shapes that the file does not tell.
split = helper.make_node("Split", ["pxtr"], ["click", "like"], axis=1)
save("separate", model("separate", nodes=body + [split],
                       outputs={"pxtr": None, "score": (FLOAT, None), "click": (FLOAT, None), "like": (FLOAT, None)}))

# log of a number below zero.
logs = [helper.make_node("Sub", ["pxtr", "two"], ["below"]), helper.make_node("Log", ["below"], ["logs"]),
        helper.make_node("ReduceMean", ["logs"], ["score"], axes=[1], keepdims=0)]
save("nan", model("nan", nodes=body[:-1] + logs, initializers={"two": np.array(2, np.float32)}))

pooled = helper.make_node("ReduceMean", ["pxtr"], ["score"], axes=[0, 1], keepdims=1)
save("pooled", model("pooled", nodes=body[:-1] + [pooled], outputs={"score": (FLOAT, None)}))

external = model("external")
onnx.save_model(external, os.path.join(FOLDER, "external.onnx"), save_as_external_data=True, location="external.weights", size_threshold=0)
