"""Writes ../fixtures/*.onnx with python3-onnx 1.12: python3 make_fixtures.py

The tests read the committed files; run this again only to change them.
"""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
N = "candidates"


def table(name, *shape, dtype=np.float32):
    return numpy_helper.from_array(np.arange(np.prod(shape), dtype=dtype).reshape(shape), name)


def ints(name, *values):
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def ids(name="item_id", shape=(N,), kind=TensorProto.INT64):
    return helper.make_tensor_value_info(name, kind, list(shape))


def write(name, nodes, inputs, initializers=(), outputs=("y",), kind=TensorProto.FLOAT, opset=16, check=True, domains=(), shape=None):
    graph = helper.make_graph(
        nodes, name, list(inputs), [helper.make_tensor_value_info(o, kind, shape) for o in outputs], list(initializers))
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="fixtures", ir_version=8)
    if check:
        # Also fills in the shapes of the outputs.
        model = shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        onnx.checker.check_model(model, full_check=True)
    onnx.save(model, os.path.join(FOLDER, name + ".onnx"))
    return model


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), name=attributes.pop("name", "node_" + outputs.split()[0]), **attributes)


def id_ranges():
    t10, t7 = table("t10", 10, 2), table("t7", 7, 2)
    gather = node("Gather", "t10 item_id", "y")
    write("ids-plain", [gather], [ids()], [t10])
    write("ids-int32", [gather], [ids(kind=TensorProto.INT32)], [t10])
    write("ids-table-also-input", [gather], [ids(), helper.make_tensor_value_info("t10", TensorProto.FLOAT, [10, 2])], [t10])
    write("ids-two-tables", [node("Gather", "t10 item_id", "a"), node("Gather", "t7 item_id", "b"), node("Add", "a b", "y")],
          [ids()], [t10, t7])
    write("ids-shape-ops", [
        node("Transpose", "t", "table"),
        node("Unsqueeze", "item_id one", "u"), node("Reshape", "u row", "r"), node("Transpose", "r", "p"), node("Squeeze", "p one", "s"),
        node("Cast", "s", "c", to=TensorProto.INT32), node("Identity", "c", "i"), node("Flatten", "i", "f", axis=0),
        node("Tile", "f twice", "tiled"), node("Expand", "tiled wide", "e"), node("Gather", "table e", "y", axis=0)],
        [ids()], [table("t", 2, 6), ints("one", 1), ints("row", 1, -1), ints("twice", 1, 2), ints("wide", 3, 1)])
    write("ids-last-axis", [node("Constant", "", "t", value=table("", 2, 5)), node("Gather", "t item_id", "y", axis=-1)], [ids()])
    write("ids-gather-elements", [node("GatherElements", "t10 item_id", "y", axis=0)], [ids(shape=(N, 2))], [t10])
    write("ids-transposed-table", [node("Transpose", "t", "p", perm=[2, 0, 1]), node("Gather", "p item_id", "y")],
          [ids()], [table("t", 3, 4, 8)])
    write("ids-quantized-table", [node("DequantizeLinear", "t scale zero", "d"), node("Gather", "d item_id", "y")],
          [ids()], [table("t", 9, 2, dtype=np.uint8), numpy_helper.from_array(np.array(0.5, np.float32), "scale"),
                    numpy_helper.from_array(np.array(3, np.uint8), "zero")])
    write("ids-narrow-cast", [node("Cast", "item_id", "c8", to=TensorProto.INT8), node("Cast", "c8", "c", to=TensorProto.INT32),
                              node("Gather", "t300 c", "y")], [ids()], [table("t300", 300, 1)])
    write("ids-concat", [node("Concat", "user_id item_id", "c", axis=0), node("Gather", "t10 c", "y")],
          [ids("user_id", (1,)), ids()], [t10])
    write("ids-slice-all", [node("Slice", "item_id zero end zero one", "s"), node("Gather", "t10 s", "y")],
          [ids()], [t10, ints("zero", 0), ints("end", 2**63 - 1), ints("one", 1)])
    write("ids-slice-all-9", [node("Slice", "item_id", "s", starts=[0], ends=[2**31 - 1]), node("Gather", "t10 s", "y")],
          [ids()], [t10], opset=9)
    write("ids-mask", [gather, node("Equal", "item_id zero", "m")], [ids()], [t10, ints("zero", 0)], outputs=("y",))
    write("ids-sliced", [node("Slice", "item_id zero five", "s"), node("Gather", "t10 s", "y")],
          [ids()], [t10, ints("zero", 0), ints("five", 5)])
    columns = [node("Gather", "item_id zero", "a", axis=1), node("Gather", "item_id one", "b", axis=1)]
    scalars = [numpy_helper.from_array(np.array(v, np.int64), k) for k, v in (("zero", 0), ("one", 1))]
    write("ids-columns", columns + [node("Gather", "t10 a", "x"), node("Gather", "t7 b", "z"), node("Add", "x z", "y")],
          [ids(shape=(N, 2))], [t10, t7] + scalars)
    write("ids-columns-equal", columns + [node("Gather", "t10 a", "x"), node("Gather", "t10 b", "z"), node("Add", "x z", "y")],
          [ids(shape=(N, 2))], [t10] + scalars)
    write("ids-column-used-as-number",
          columns + [node("Gather", "t10 a", "x"), node("Cast", "b", "f", to=TensorProto.FLOAT), node("Unsqueeze", "f axis", "u"),
                     node("Add", "x u", "y")], [ids(shape=(N, 2))], [t10, ints("axis", 1)] + scalars)
    write("ids-split", [node("Split", "item_id", "a b", axis=1), node("Gather", "t10 a", "x"), node("Gather", "t7 b", "z"),
                        node("Add", "x z", "y")], [ids(shape=(N, 2))], [t10, t7])
    write("ids-mod", [node("Mod", "item_id ten", "m"), node("Gather", "t10 m", "y")], [ids()], [t10, ints("ten", 10)])
    write("ids-offset", [node("Add", "item_id one", "m"), node("Identity", "m", "i"), node("Gather", "t10 i", "y")],
          [ids()], [t10, ints("one", 1)])
    write("ids-where", [node("Less", "item_id zero", "l"), node("Where", "l zero item_id", "w"), node("Gather", "t10 w", "y")],
          [ids()], [t10, ints("zero", 0)])
    write("ids-computed-table", [node("Mul", "t10 t10", "t"), node("Gather", "t item_id", "y")], [ids()], [t10])
    write("ids-number", [node("Cast", "item_id", "y", to=TensorProto.FLOAT)], [ids()])
    write("ids-shape-only", [node("Shape", "item_id", "s"), node("ConstantOfShape", "s", "y")], [ids()])
    write("ids-output", [node("Identity", "item_id", "y")], [ids()], kind=TensorProto.INT64)
    write("ids-one-hot", [node("OneHot", "item_id depth values", "y")], [ids()],
          [ints("depth", 5), numpy_helper.from_array(np.array([0, 1], np.float32), "values")])
    write("ids-gather-nd", [node("GatherND", "t10 item_id", "y")], [ids(shape=(N, 2))], [t10])
    write("ids-as-shape", [node("Reshape", "t10 item_id", "y")], [ids(shape=(2,))], [t10], shape=("rows", "columns"))
    write("ids-empty-table", [node("Gather", "t0 item_id", "y")], [ids()], [table("t0", 0, 2)])
    write("ids-other-domain", [helper.make_node("Lookup", ["t10", "item_id"], ["y"], name="lookup", domain="com.example")],
          [ids()], [t10], check=False, domains=("com.example",))

    def branch(name, index):
        return helper.make_graph([node("Gather", "t10 " + index, name + "_y")], name, [],
                                 [helper.make_tensor_value_info(name + "_y", TensorProto.FLOAT, [N, 2])])
    branches = dict(then_branch=branch("yes", "item_id"), else_branch=branch("no", "item_id"))
    write("ids-captured", [node("If", "flag", "y", name="choose", **branches)],
          [ids(), helper.make_tensor_value_info("flag", TensorProto.BOOL, [])], [t10])
    write("ids-captured-elsewhere", [gather, node("If", "flag", "z", name="choose", **branches)],
          [ids(), helper.make_tensor_value_info("flag", TensorProto.BOOL, [])], [t10])


def stored_outside(tensor, location, **more):
    del tensor.external_data[:]
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in dict(more, location=location).items():
        tensor.external_data.add(key=key, value=str(value))
    tensor.ClearField("raw_data")
    return tensor


def external():
    inner = helper.make_graph([node("Constant", "", "c", value=stored_outside(table("", 2), "branch.bin"))], "inner", [],
                              [helper.make_tensor_value_info("c", TensorProto.FLOAT, None)])
    other = helper.make_graph([node("Identity", "t2", "d")], "other", [], [helper.make_tensor_value_info("d", TensorProto.FLOAT, None)])
    write("external", [node("If", "flag", "z", then_branch=inner, else_branch=other), node("Gather", "t item_id", "g"),
                       node("Constant", "", "k", value=stored_outside(table("", 2), "constants/k.bin", offset=0, length=8)),
                       node("Add", "g k", "h"), node("Add", "h z", "y")],
          [ids(), helper.make_tensor_value_info("flag", TensorProto.BOOL, [])],
          [stored_outside(table("t", 10, 2), "weights.bin", offset=4096, length=80, checksum="0" * 40),
           stored_outside(table("t2", 2), "weights.bin", offset=0, length=8)], check=False)


def everything():
    """What exporters seldom write, to be found again after a load and a save."""
    twice = helper.make_function("local", "Twice", ["x"], ["y"], [node("Add", "x x", "y")], [helper.make_opsetid("", 16)])
    sparse = helper.make_sparse_tensor(numpy_helper.from_array(np.array([1.5], np.float32), "sparse"), ints("sparse_at", 3), [5])
    graph = helper.make_graph(
        [node("Gather", "t item_id", "g", axis=0, doc_string="an axis of 0 must stay written"),
         helper.make_node("Twice", ["g"], ["h"], name="", domain="local"),
         node("LeakyRelu", "h", "l", alpha=0.0),
         node("Cast", "l", "y", to=TensorProto.FLOAT)],
        "everything", [ids(), helper.make_tensor_value_info("scalar", TensorProto.FLOAT, []),
             helper.make_tensor_sequence_value_info("sequence", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [N, 2])],
        [table("t", 10, 2), helper.make_tensor("words", TensorProto.STRING, [2], [b"\xff\x00", b""]),
         helper.make_tensor("halves", TensorProto.FLOAT16, [2], [1.0, 0.0])],
        doc_string="", value_info=[helper.make_tensor_value_info("g", TensorProto.FLOAT, None)], sparse_initializer=[sparse])
    graph.quantization_annotation.add(tensor_name="g").quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="t")
    graph.input[0].type.tensor_type.shape.dim[0].denotation = "DATA_BATCH"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16), helper.make_opsetid("local", 1)], functions=[twice],
                              producer_name="fixtures", producer_version="1", model_version=0, doc_string="")
    model.ir_version = 8
    helper.set_model_props(model, {"author": "", "purpose": "round trip"})
    onnx.checker.check_model(model)
    with open(os.path.join(FOLDER, "everything.onnx"), "wb") as file:
        # Field 1000, a string that no version of the format names.
        file.write(model.SerializeToString() + b"\xc2\x3e\x06future")


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    id_ranges()
    external()
    everything()
