"""
Ranks without pause while the service goes down: drain.py TARGET HTTP BUNDLE PROTOS. Prints `running` when answers come,
then, when nobody answers any more, one line of JSON: calls by status, and the messages of those that failed in flight.
"""
import collections
import json
import sys
import threading

import grpc

from scoring import Bundle, scoring

CALLERS = 8
TIMEOUT = 30

bundle = Bundle(sys.argv[3])
request = bundle.request(bundle.goldens[1], True)
options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
lock = threading.Lock()
statuses = collections.Counter()
cut_off = []
running = threading.Event()


def call_until_gone():
    with grpc.insecure_channel(sys.argv[1], options=options) as channel:
        rank = channel.unary_unary("/pantheon.serving.v1.Scoring/Rank", scoring.RankRequest.SerializeToString, scoring.RankResponse.FromString)
        while True:
            try:
                rank(request, timeout=TIMEOUT)
                code, details = grpc.StatusCode.OK, ""
            except grpc.RpcError as error:
                code, details = error.code(), error.details()
            with lock:
                statuses[code.name] += 1
                # Refused before it was sent, or told to go elsewhere, is a clean end; anything else was cut off.
                if details and not ("connect" in details or "GOAWAY" in details):
                    cut_off.append(f"{code.name}: {details}")
                if statuses["OK"] >= 20 * CALLERS:
                    running.set()
            if code != grpc.StatusCode.OK:
                return


threads = [threading.Thread(target=call_until_gone) for _ in range(CALLERS)]
for thread in threads:
    thread.start()
running.wait(TIMEOUT)
print("running", flush=True)
for thread in threads:
    thread.join()
print(json.dumps({"statuses": statuses, "cut_off": cut_off}), flush=True)
