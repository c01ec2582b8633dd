"""Checks of a probe server by grpcio: client.py ADDRESS prints one line of JSON for each check."""
import json
import sys
import threading
import traceback

import grpc

from probe import Answer, Ask, messages, path

TIMEOUT = 60
options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]
channel = grpc.insecure_channel(sys.argv[1], options=options)
encode = lambda ask: ask if isinstance(ask, bytes) else ask.SerializeToString()
unary = channel.unary_unary(path("Unary"), encode, Answer.FromString)
server_stream = channel.unary_stream(path("ServerStream"), encode, Answer.FromString)
duplex = channel.stream_stream(path("Duplex"), encode, Answer.FromString)
checks = {}


def check(function):
    checks[function.__name__] = function
    return function


def fails(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def equal(expected, actual):
    assert expected == actual, f"expected {expected!r:.200}, got {actual!r:.200}"


def tell(page):
    return unary(Ask(act=messages.TELL, text=page), timeout=TIMEOUT).text


@check
def unary_echo():
    equal(Answer(text="grüß", payload=b"\0\1", count=3), unary(Ask(text="grüß", payload=b"\0\1", count=3), timeout=TIMEOUT))


@check
def unary_empty_message():
    equal(Answer(), unary(Ask(), timeout=TIMEOUT))


@check
def large_messages_both_ways():
    payload = bytes(range(256)) * 12000
    equal(payload, unary(Ask(payload=payload), timeout=TIMEOUT).payload)


@check
def large_answer():
    equal(20_000_000, len(unary(Ask(act=messages.SIZE, count=20_000_000), timeout=TIMEOUT).payload))


@check
def request_over_limit_is_resource_exhausted():
    error = fails(lambda: unary(Ask(payload=bytes(5 << 20)), timeout=TIMEOUT))
    equal(grpc.StatusCode.RESOURCE_EXHAUSTED, error.code())


@check
def status_message_and_trailers():
    for text in ("plain", "per%cent", "grüße 世界 \U0001f600", "line\r\nbreak\ttab", "%41%zz%"):
        error = fails(lambda: unary(Ask(act=messages.FAIL, code=9, text=text), timeout=TIMEOUT))
        equal(grpc.StatusCode.FAILED_PRECONDITION, error.code())
        equal(text, error.details())
        equal("because", dict(error.trailing_metadata())["x-why"])


@check
def exception_is_unknown():
    error = fails(lambda: unary(Ask(act=messages.THROW, text="secret"), timeout=TIMEOUT))
    equal(grpc.StatusCode.UNKNOWN, error.code())
    assert "secret" not in error.details()


@check
def metadata_text_and_binary():
    metadata = (("x-echo", "value"), ("x-echo-bin", b"\x00\xff\x80,"))
    answer, call = unary.with_call(Ask(act=messages.METADATA), metadata=metadata, timeout=TIMEOUT)
    equal(set(metadata), {(k, v) for k, v in call.initial_metadata() if k.startswith("x-")})
    trailers = dict(call.trailing_metadata())
    equal("value", trailers["x-trailer"])
    equal(b"\x00\xff\x80,", trailers["x-trailer-bin"])


@check
def metadata_repeated_text_is_joined():
    answer, call = unary.with_call(Ask(act=messages.METADATA), metadata=(("x-echo", "a"), ("x-echo", "b")), timeout=TIMEOUT)
    equal("a,b", ",".join(v for k, v in call.initial_metadata() if k == "x-echo"))


@check
def deadline_is_told():
    left = unary(Ask(act=messages.DEADLINE), timeout=TIMEOUT).count
    assert 0 < left <= TIMEOUT * 1000 + 100, left


@check
def no_deadline_is_none():
    equal(-1, unary(Ask(act=messages.DEADLINE)).count)


@check
def deadline_passes():
    error = fails(lambda: unary(Ask(act=messages.WAIT, text="py-deadline"), timeout=0.2))
    equal(grpc.StatusCode.DEADLINE_EXCEEDED, error.code())
    equal("cancelled", tell("py-deadline"))


@check
def deadline_of_a_stream_passes():
    error = fails(lambda: list(server_stream(Ask(act=messages.WAIT, count=2, text="py-stream-deadline"), timeout=0.3)))
    equal(grpc.StatusCode.DEADLINE_EXCEEDED, error.code())
    equal("cancelled", tell("py-stream-deadline"))


@check
def cancelled_server_stream():
    stream = server_stream(Ask(act=messages.WAIT, count=1, text="py-cancel-begun"), timeout=TIMEOUT)
    next(stream)
    stream.cancel()
    equal("cancelled", tell("py-cancel-begun"))
    equal(grpc.StatusCode.CANCELLED, stream.code())


@check
def cancelled_duplex():
    asks, more = iter_queue()
    call = duplex(asks, timeout=TIMEOUT)
    more(Ask(text="first"))
    equal("first", next(call).text)
    call.cancel()
    equal(grpc.StatusCode.CANCELLED, call.code())


@check
def unimplemented_method_and_service():
    missing = channel.unary_unary(path("Missing"), encode, Answer.FromString)
    equal(grpc.StatusCode.UNIMPLEMENTED, fails(lambda: missing(Ask(), timeout=TIMEOUT)).code())
    unknown = channel.unary_unary(path("NoSuchMethod"), encode, Answer.FromString)
    error = fails(lambda: unknown(Ask(), timeout=TIMEOUT))
    equal(grpc.StatusCode.UNIMPLEMENTED, error.code())
    equal("Method is unimplemented.", error.details())
    unknown = channel.unary_unary("/no.such.Service/Method", encode, Answer.FromString)
    error = fails(lambda: unknown(Ask(), timeout=TIMEOUT))
    equal(grpc.StatusCode.UNIMPLEMENTED, error.code())
    equal("Service is unimplemented.", error.details())


@check
def garbage_fails_and_service_stays():
    error = fails(lambda: unary(b"\xff\xff\xff\xff\xff\xff", timeout=TIMEOUT))
    assert error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL), error.code()
    equal("still", unary(Ask(text="still"), timeout=TIMEOUT).text)


@check
def server_stream_in_order():
    equal(list(range(500)), [a.count for a in server_stream(Ask(count=500, payload=bytes(300)), timeout=TIMEOUT)])


@check
def server_stream_empty():
    equal([], list(server_stream(Ask(), timeout=TIMEOUT)))


@check
def server_stream_fails_after_messages():
    call = server_stream(Ask(act=messages.FAIL, code=8, text="müde", count=3), timeout=TIMEOUT)
    received = []
    error = fails(lambda: [received.append(a.count) for a in call])
    equal([0, 1, 2], received)
    equal((grpc.StatusCode.RESOURCE_EXHAUSTED, "müde"), (error.code(), error.details()))
    equal("because", dict(error.trailing_metadata())["x-why"])


@check
def duplex_ping_pong():
    asks, more = iter_queue()
    call = duplex(asks, timeout=TIMEOUT)
    for i in range(100):
        more(Ask(count=i, payload=bytes(i * 100)))
        answer = next(call)
        equal((i, i * 100), (answer.count, len(answer.payload)))
    more(None)
    equal([], list(call))
    equal(grpc.StatusCode.OK, call.code())


@check
def duplex_large_windows():
    payload = bytes(200_000)
    asks = (Ask(count=i, payload=payload) for i in range(40))
    equal([(i, 200_000) for i in range(40)], [(a.count, len(a.payload)) for a in duplex(asks, timeout=TIMEOUT)])


@check
def duplex_fails_while_client_sends():
    asks, more = iter_queue()
    call = duplex(asks, timeout=TIMEOUT)
    more(Ask(act=messages.FAIL, code=5, text="gone"))
    error = fails(lambda: list(call))
    equal((grpc.StatusCode.NOT_FOUND, "gone"), (error.code(), error.details()))
    more(None)


@check
def many_concurrent_calls():
    calls = [unary.future(Ask(text=str(i), payload=bytes(2000)), timeout=TIMEOUT) for i in range(500)]
    equal([str(i) for i in range(500)], [call.result().text for call in calls])


@check
def gzip_request():
    payload = b"compressible " * 10000
    answer = unary(Ask(payload=payload), compression=grpc.Compression.Gzip, timeout=TIMEOUT)
    equal(payload, answer.payload)


@check
def deflate_request_is_answered_or_refused_as_specified():
    try:
        unary(Ask(payload=b"compressible " * 10000), compression=grpc.Compression.Deflate, timeout=TIMEOUT)
    except grpc.RpcError as error:
        equal(grpc.StatusCode.UNIMPLEMENTED, error.code())
        assert "identity, gzip" in error.details(), error.details()


def iter_queue():
    """An iterator over what is put, until None is."""
    ready = threading.Condition()
    items = []

    def put(item):
        with ready:
            items.append(item)
            ready.notify()

    def take():
        while True:
            with ready:
                ready.wait_for(lambda: items, timeout=TIMEOUT)
                item = items.pop(0)
            if item is None:
                return
            yield item

    return take(), put


for name, function in checks.items():
    result = {"check": name, "error": None}
    try:
        function()
    except BaseException:
        result["error"] = traceback.format_exc()
    print(json.dumps(result), flush=True)
