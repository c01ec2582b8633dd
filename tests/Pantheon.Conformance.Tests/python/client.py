"""Checks of a running service by grpcio: client.py TARGET HTTP BUNDLE PROTOS prints one line of JSON for each check."""
import json
import math
import random
import sys
import threading
import time
import traceback
import urllib.request

import grpc

from scoring import Bundle, health, scoring

TARGET, HTTP, BUNDLE = sys.argv[1:4]
TIMEOUT = 60
ENDLESS = 10_000_000
PROBE = "probe-strict"
Code = grpc.StatusCode

bundle = Bundle(BUNDLE)
options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.enable_http_proxy", 0)]
channel = grpc.insecure_channel(TARGET, options=options)
encode = lambda message: message if isinstance(message, bytes) else message.SerializeToString()
path = "/pantheon.serving.v1.Scoring/"
rank = channel.unary_unary(path + "Rank", encode, scoring.RankResponse.FromString)
rank_stream = channel.stream_stream(path + "RankStream", encode, scoring.RankStreamResponse.FromString)
no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
checks = {}


def check(function):
    checks[function.__name__] = function
    return function


def equal(expected, actual):
    assert expected == actual, f"expected {expected!r:.300}, got {actual!r:.300}"


def near(expected, actual, what):
    assert math.isfinite(actual) and abs(expected - actual) <= 1e-5, f"{what}: expected {expected}, got {actual}"


def fails(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def metric(name):
    text = no_proxy.open(f"{HTTP}/metrics", timeout=TIMEOUT).read().decode()
    lines = [line for line in text.split("\n") if line.startswith((name + " ", name + "{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def until(condition, what):
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        threading.Event().wait(0.01)


def idle():
    for gauge in ("pantheon_requests_running", "pantheon_queue_length", "pantheon_buffers_rented_bytes"):
        until(lambda: metric(gauge) == 0, f"{gauge} is 0")


def probe(rounds, request_id="probe"):
    request = scoring.RankRequest(request_id=request_id, model=PROBE)
    request.user_features.add(name="rounds", int64s=[rounds])
    request.candidate_features.add(name="x", floats=[0.25, 0.75])
    request.candidate_features.add(name="item", int64s=[0, 9])
    return request


def parity(golden, request, answer):
    scores, pxtrs = bundle.scores(golden), bundle.pxtrs(golden)
    equal(request.request_id, answer.request_id)
    equal((bundle.manifest["model"], bundle.manifest["version"]), (answer.model, answer.version))
    equal(71, len(answer.bundle_digest))
    equal(scoring.ARM_BASE, answer.arm)
    equal(bundle.manifest["objectives"], list(answer.objectives))
    equal(len(scores), answer.candidates)
    equal(bool(bundle.manifest.get("calibration")), answer.calibrated)
    equal(list(range(len(scores))), sorted(item.position for item in answer.items))
    for item in answer.items:
        equal(request.candidate_ids[item.position], item.id)
        near(scores[item.position], item.raw_score, f"score of {item.position}")
        near(bundle.calibrate(item.raw_score), item.score, f"calibrated score of {item.position}")
        equal(len(pxtrs[item.position]), len(item.pxtrs))
        for expected, actual in zip(pxtrs[item.position], item.pxtrs):
            near(expected, actual, f"Pxtr of {item.position}")
    equal(sorted(answer.items, key=lambda item: (-item.raw_score, item.position)), list(answer.items))
    for best, item in zip(sorted(scores, reverse=True), answer.items):
        near(best, scores[item.position], "the order")
    assert answer.timings.run_seconds > 0


def check_goldens(as_bytes, **how):
    equal([7, 64, 300], [len(bundle.scores(golden)) for golden in bundle.goldens])
    for golden in bundle.goldens:
        request = bundle.request(golden, as_bytes)
        parity(golden, request, rank(request, timeout=TIMEOUT, **how))


def good(request_id="good"):
    request = bundle.request(bundle.goldens[0], True)
    request.request_id = request_id
    return request


@check
def goldens_as_bytes():
    check_goldens(as_bytes=True)


@check
def goldens_as_typed_lists():
    check_goldens(as_bytes=False)


@check
def goldens_in_gzip():
    check_goldens(as_bytes=True, compression=grpc.Compression.Gzip)


@check
def goldens_over_a_stream():
    requests = [(golden, bundle.request(golden, as_bytes)) for golden in bundle.goldens for as_bytes in (True, False)]
    for number, (_, request) in enumerate(requests):
        request.request_id = str(number)
    answers = list(rank_stream((scoring.RankStreamRequest(request=request) for _, request in requests), timeout=TIMEOUT))
    equal(len(requests), len(answers))
    for answer in answers:
        equal("response", answer.WhichOneof("result"))
        golden, request = requests[int(answer.request_id)]
        parity(golden, request, answer.response)


@check
def only_what_was_asked_for():
    request = bundle.request(bundle.goldens[1], True)
    request.ClearField("output")
    request.ClearField("candidate_ids")
    request.top_k = 3
    answer = rank(request, timeout=TIMEOUT)
    equal(3, len(answer.items))
    assert not any(item.HasField("raw_score") or item.pxtrs or item.id for item in answer.items)
    equal([], list(answer.objectives))
    request.top_k = 0
    equal(10, len(rank(request, timeout=TIMEOUT).items))
    request.top_k = 1000
    equal(64, len(rank(request, timeout=TIMEOUT).items))


@check
def stream_matches_answers_and_survives_one_bad():
    def requests():
        for number in range(300):
            request = good(str(number))
            if number == 57:
                request.candidate_features[0].name = "nonsense"
            yield scoring.RankStreamRequest(request=request)

    call = rank_stream(requests(), timeout=TIMEOUT)
    answers = {answer.request_id: answer for answer in call}
    equal({str(number) for number in range(300)}, set(answers))
    bad = answers.pop("57")
    equal((Code.INVALID_ARGUMENT.value[0], 0), (bad.error.code, bad.error.retry_after_ms))
    assert "candidate_features[0].name: got 'nonsense'" in bad.error.message, bad.error.message
    assert all(answer.response.request_id == name and len(answer.response.items) == 7 for name, answer in answers.items())
    equal(Code.OK, call.code())


@check
def stream_garbage_is_answered_and_the_stream_goes_on():
    dice = random.Random(7)
    junk = [b"\xff" * 64] + [b"\x0a\xff\xff" + dice.randbytes(dice.randrange(1, 400)) for _ in range(50)]
    messages = [scoring.RankStreamRequest(request=good("first")), *junk, scoring.RankStreamRequest(request=good("last"))]
    call = rank_stream(iter(messages), timeout=TIMEOUT)
    answers = list(call)
    equal(len(messages), len(answers))
    ranked = [answer.request_id for answer in answers if answer.WhichOneof("result") == "response"]
    equal({"first", "last"}, set(ranked))
    equal({Code.INVALID_ARGUMENT.value[0]}, {answer.error.code for answer in answers if answer.WhichOneof("result") == "error"})
    equal(Code.OK, call.code())


@check
def stream_each_has_its_own_deadline():
    messages = [scoring.RankStreamRequest(request=probe(ENDLESS, "late"), timeout_ms=200)]
    messages += [scoring.RankStreamRequest(request=good(f"good-{number}")) for number in range(20)]
    call = rank_stream(iter(messages), timeout=TIMEOUT)
    answers = {answer.request_id: answer for answer in call}
    equal(21, len(answers))
    late = answers.pop("late").error
    assert late.code == Code.DEADLINE_EXCEEDED.value[0] or (late.code == Code.RESOURCE_EXHAUSTED.value[0] and late.retry_after_ms > 0), late
    assert all(answer.WhichOneof("result") == "response" for answer in answers.values())
    equal(Code.OK, call.code())
    idle()


@check
def unary_deadline_stops_the_run():
    error = fails(lambda: rank(probe(ENDLESS), timeout=0.5))
    if error.code() == Code.RESOURCE_EXHAUSTED:
        assert int(dict(error.trailing_metadata())["grpc-retry-pushback-ms"]) > 0
    else:
        equal(Code.DEADLINE_EXCEEDED, error.code())
    idle()


@check
def unary_deadline_that_nobody_can_meet():
    request = bundle.request(bundle.goldens[-1], True)
    for _ in range(20):
        error = fails(lambda: rank(request, timeout=0.00001))
        assert error.code() in (Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED), error
    idle()


@check
def unary_cancel_stops_the_run():
    call = rank.future(probe(ENDLESS), timeout=TIMEOUT)
    until(lambda: metric("pantheon_requests_running") == 1, "it runs")
    assert call.cancel()
    equal(Code.CANCELLED, call.code())
    idle()
    parity(bundle.goldens[0], good(), rank(good(), timeout=TIMEOUT))


@check
def stream_cancel_stops_its_runs():
    release = threading.Event()

    def requests():
        for number in range(5):
            yield scoring.RankStreamRequest(request=probe(ENDLESS, str(number)))
        release.wait(TIMEOUT)

    call = rank_stream(requests(), timeout=TIMEOUT)
    until(lambda: metric("pantheon_requests_running") > 0, "they run")
    call.cancel()
    release.set()
    equal(Code.CANCELLED, fails(lambda: next(call)).code())
    idle()
    parity(bundle.goldens[0], good(), rank(good(), timeout=TIMEOUT))


@check
def garbage_is_invalid_argument():
    dice = random.Random(11)
    for payload in [b"\xff" * 64, b"\x0a", b"\x0a\x05ab"] + [b"\x42\xff\xff" + dice.randbytes(dice.randrange(1, 3000)) for _ in range(50)]:
        error = fails(lambda: rank(payload, timeout=TIMEOUT))
        equal(Code.INVALID_ARGUMENT, error.code())
        assert error.details().startswith("RankRequest: got bytes that are no protobuf message"), error.details()
    parity(bundle.goldens[0], good(), rank(good(), timeout=TIMEOUT))
    idle()


@check
def empty_request_is_invalid_argument():
    error = fails(lambda: rank(scoring.RankRequest(), timeout=TIMEOUT))
    equal(Code.INVALID_ARGUMENT, error.code())
    assert error.details().startswith("user_features: got no feature 'user_id'"), error.details()


@check
def unknown_model_is_not_found():
    request = good()
    request.model = "nobody"
    error = fails(lambda: rank(request, timeout=TIMEOUT))
    equal(Code.NOT_FOUND, error.code())
    assert error.details().startswith("model: got 'nobody', expected one of"), error.details()


@check
def version_not_loaded_is_failed_precondition():
    request = good()
    request.version = 999
    error = fails(lambda: rank(request, timeout=TIMEOUT))
    equal(Code.FAILED_PRECONDITION, error.code())
    assert error.details().startswith("version: got 999"), error.details()


@check
def pinned_version_says_so():
    request = good()
    request.version = bundle.manifest["version"]
    equal(scoring.ARM_PINNED, rank(request, timeout=TIMEOUT).arm)


@check
def missing_method_is_unimplemented():
    missing = channel.unary_unary(path + "Missing", encode, scoring.RankResponse.FromString)
    equal(Code.UNIMPLEMENTED, fails(lambda: missing(good(), timeout=TIMEOUT)).code())


@check
def message_too_large_is_resource_exhausted():
    request = good()
    request.candidate_features[0].data = bytes(17 << 20)
    equal(Code.RESOURCE_EXHAUSTED, fails(lambda: rank(request, timeout=TIMEOUT)).code())
    parity(bundle.goldens[0], good(), rank(good(), timeout=TIMEOUT))
    idle()


@check
def largest_request_is_ranked():
    request = scoring.RankRequest(request_id="large", model=PROBE, top_k=1)
    request.user_features.add(name="rounds", int64s=[0])
    request.candidate_features.add(name="x", floats=[position / 4096 for position in range(4096)])
    request.candidate_features.add(name="item", int64s=[0] * 4096)
    answer = rank(request, timeout=TIMEOUT)
    equal((4096, 4095), (answer.candidates, answer.items[0].position))


@check
def health_is_serving():
    ask = channel.unary_unary("/grpc.health.v1.Health/Check", encode, health.HealthCheckResponse.FromString)
    for name in ("", "pantheon.serving.v1.Scoring", "model/" + bundle.manifest["model"]):
        equal(health.HealthCheckResponse.SERVING, ask(health.HealthCheckRequest(service=name), timeout=TIMEOUT).status)


@check
def many_callers_at_once():
    calls = [(golden, request, rank.future(request, timeout=TIMEOUT)) for _ in range(30) for golden in bundle.goldens for request in [bundle.request(golden, True)]]
    for golden, request, call in calls:
        parity(golden, request, call.result())


for name, function in checks.items():
    try:
        function()
        error = None
    except Exception:
        error = traceback.format_exc()
    print(json.dumps({"check": name, "error": error}), flush=True)
channel.close()
