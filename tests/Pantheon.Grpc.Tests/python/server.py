"""The probe service on grpcio. Prints its port; ends when its standard input does."""
import concurrent.futures
import sys
import threading
import time

import grpc

from probe import Answer, Ask, SERVICE, messages

STATUS = {code.value[0]: code for code in grpc.StatusCode}


class Journal:
    def __init__(self):
        self._pages = {}
        self._changed = threading.Condition()

    def write(self, page, text):
        with self._changed:
            self._pages[page] = text
            self._changed.notify_all()

    def read(self, page):
        with self._changed:
            self._changed.wait_for(lambda: page in self._pages, timeout=60)
            return self._pages[page]


journal = Journal()


def do(ask, context):
    if ask.act == messages.FAIL:
        context.set_trailing_metadata((("x-why", "because"),))
        context.abort(STATUS[ask.code], ask.text)
    if ask.act == messages.THROW:
        raise ArithmeticError(ask.text)
    if ask.act == messages.WAIT:
        done = threading.Event()
        if not context.add_callback(done.set):
            done.set()
        done.wait()
        journal.write(ask.text, "cancelled")
    if ask.act == messages.SIZE:
        return Answer(count=len(ask.payload), payload=bytes(ask.count))
    if ask.act == messages.TELL:
        return Answer(text=journal.read(ask.text))
    if ask.act == messages.DEADLINE:
        left = context.time_remaining()
        return Answer(count=-1 if left is None or left > 1e9 else int(left * 1000))
    return Answer(text=ask.text, payload=ask.payload, count=ask.count)


def unary(ask, context):
    if ask.act == messages.METADATA:
        received = [(k, v) for k, v in context.invocation_metadata() if k in ("x-echo", "x-echo-bin")]
        context.send_initial_metadata(received)
        context.set_trailing_metadata([(k.replace("echo", "trailer"), v) for k, v in received])
    return do(ask, context)


def server_stream(ask, context):
    try:
        for i in range(ask.count):
            yield Answer(count=i, payload=ask.payload)
        if ask.act in (messages.FAIL, messages.THROW, messages.WAIT):
            do(ask, context)
    except GeneratorExit:
        # Cancelled before the generator was resumed to wait.
        journal.write(ask.text, "cancelled")
        raise


def duplex(asks, context):
    for ask in asks:
        yield do(ask, context)


codec = dict(request_deserializer=Ask.FromString, response_serializer=Answer.SerializeToString)
handlers = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary, **codec),
    "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream, **codec),
    "Duplex": grpc.stream_stream_rpc_method_handler(duplex, **codec),
}
options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]
compression = grpc.Compression.Gzip if "gzip" in sys.argv[1:] else grpc.Compression.NoCompression
server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=64), options=options, compression=compression)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"PORT {port}", flush=True)
sys.stdin.read()
server.stop(0)
