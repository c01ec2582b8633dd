"""Prints the last golden request of a folder like ../shared/models/kuairand-torch as a RankRequest in JSON, with the raw
ids of KuaiRand in the place of embedding rows: what a gateway would send. Row 0, unknown ids, becomes id 0, which is in no table.
"""
import json
import os
import struct
import sys


def raw_ids(path):
    with open(path) as table:
        next(table)
        return {0: 0, **{int(row): int(raw) for raw, row in (line.split("\t") for line in table)}}


def shortest(value):
    """The shortest decimal that is the same float32."""
    single = struct.pack("<f", value)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == single:
            return text
    raise ValueError(value)


def feature(name, key, values):
    return f'    {{"name": "{name}", "{key}": [{", ".join(values)}]}}'


def main(folder):
    with open(os.path.join(folder, "golden.json")) as file:
        golden = json.load(file)["requests"][-1]
    users, items = raw_ids(os.path.join(folder, "users.tsv")), raw_ids(os.path.join(folder, "items.tsv"))
    item_ids = [str(items[row]) for row in golden["item_id"]]
    user_ids = [str(users[row]) for row in golden["user_id"]]
    user_dense = [shortest(value) for row in golden["user_dense"] for value in row]
    item_dense = [shortest(value) for row in golden["item_dense"] for value in row]
    print("\n".join([
        "{",
        '  "requestId": "kuairand-demo",',
        '  "model": "kuairand",',
        f'  "userKey": "{user_ids[0]}",',
        '  "topK": 10,',
        '  "userFeatures": [',
        feature("user_id", "int64s", user_ids) + ",",
        feature("user_dense", "floats", user_dense),
        "  ],",
        '  "candidateFeatures": [',
        feature("item_id", "int64s", item_ids) + ",",
        feature("item_dense", "floats", item_dense),
        "  ],",
        f'  "candidateIds": [{", ".join(item_ids)}],',
        '  "output": {"pxtrs": true, "rawScores": true}',
        "}",
    ]))


main(sys.argv[1])
