"""Writes probe.onnx, the graph of the probe models; run by hand with python3-onnx: python3 make_probe.py

score = x + table[item] + 0 x (the outcome of `rounds` matrix products), so that a test knows every score and decides how
long a request takes: about 15 us a round.
"""
import os

from onnx import TensorProto, checker, helper, save

ROWS = 10
SIZE = 64

table = helper.make_tensor("table", TensorProto.FLOAT, [ROWS], [row / 1000 for row in range(ROWS)])
one = helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])
weight = helper.make_tensor("weight", TensorProto.FLOAT, [1], [1 / SIZE])
shape = helper.make_tensor("shape", TensorProto.INT64, [2], [SIZE, SIZE])
scalar = helper.make_tensor("scalar", TensorProto.INT64, [0], [])
true = helper.make_tensor("true", TensorProto.BOOL, [], [True])
zero = helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0])

body = helper.make_graph(
    [
        helper.make_node("Identity", ["go_on"], ["goes_on"]),
        helper.make_node("MatMul", ["state", "weights"], ["product"]),
        helper.make_node("Tanh", ["product"], ["next_state"]),
    ],
    "round",
    [
        helper.make_tensor_value_info("round_number", TensorProto.INT64, []),
        helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("state", TensorProto.FLOAT, [SIZE, SIZE]),
    ],
    [
        helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("next_state", TensorProto.FLOAT, [SIZE, SIZE]),
    ],
)
graph = helper.make_graph(
    [
        helper.make_node("Expand", ["weight", "shape"], ["weights"]),
        helper.make_node("Expand", ["one", "shape"], ["first_state"]),
        helper.make_node("Reshape", ["rounds", "scalar"], ["trips"]),
        helper.make_node("Loop", ["trips", "true", "first_state"], ["last_state"], body=body),
        helper.make_node("ReduceMean", ["last_state"], ["outcome"], keepdims=0),
        helper.make_node("Mul", ["outcome", "zero"], ["nothing"]),
        helper.make_node("Gather", ["table", "item"], ["bias"]),
        helper.make_node("Add", ["x", "bias"], ["sum"]),
        helper.make_node("Add", ["sum", "nothing"], ["score"]),
    ],
    "probe",
    [
        helper.make_tensor_value_info("rounds", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["candidates"]),
        helper.make_tensor_value_info("item", TensorProto.INT64, ["candidates"]),
    ],
    [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["candidates"])],
    [table, one, weight, shape, scalar, true, zero],
)
model = helper.make_model(graph, producer_name="make_probe", opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
checker.check_model(model, full_check=True)
save(model, os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.onnx"))
