"""load.py ADDRESS PATH: for each line "CALLS BYTES" of its input makes so many calls of so many bytes, then says done."""
import sys

import grpc

channel = grpc.insecure_channel(sys.argv[1], options=[("grpc.max_receive_message_length", 64 << 20)])
call = channel.unary_unary(sys.argv[2])
for line in sys.stdin:
    calls, size = map(int, line.split())
    message = bytes(size)
    for _ in range(calls):
        assert len(call(message, timeout=60)) == size
    print("done", flush=True)
