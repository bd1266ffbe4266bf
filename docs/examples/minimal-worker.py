"""A worker in one file, standard library only: a coloured bar that moves across the picture.

    generator:
      model_path: "exec:python3 docs/examples/minimal-worker.py"
"""
import json
import os
import queue
import struct
import sys
import threading
import zlib

KIND = "example.bar.v1"
protocol_in, protocol_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)  # What anything prints goes to stderr from here on: stdout is the protocol's.
sending = threading.Lock()
runs = queue.SimpleQueue()
change = threading.Condition()
window, under_way, stopped, current = 0, 0, None, None


def send(header, payload=b""):
    text = json.dumps(header).encode()
    with sending:
        protocol_out.write(struct.pack(">II", len(text), len(payload)) + text + payload)
        protocol_out.flush()


def read_server():
    """Owns stdin: pings, acknowledgements and cancels have to be dealt with while a frame is being made."""
    global window, under_way, stopped, current
    while len(prefix := protocol_in.read(8)) == 8:
        header_length, payload_length = struct.unpack(">II", prefix)
        message = json.loads(protocol_in.read(header_length))
        protocol_in.read(payload_length)  # The state here is too small to travel as a blob.
        kind = message["type"]
        if kind == "start":
            window = message["window_bytes"]
            if message["protocol"] == 1:
                send({"type": "ready", "protocol": 1, "model_id": "moving bar", "state_kind": KIND,
                      "streams_frames": True, "audio": None, "output": "frames"})
            else:
                send({"type": "start_failed", "message": "This worker speaks worker protocol 1."})
        elif kind == "run":
            with change:
                current, stopped, under_way = message["run_id"], None, 0
            runs.put(message)
        elif kind == "ping":
            send({"type": "pong", "id": message["id"]})
        elif kind == "shutdown":
            break
        elif message.get("run_id") == current:
            with change:
                if kind == "ack":
                    under_way -= message["bytes"]
                elif kind in ("cancel", "abandon"):
                    stopped = kind
                change.notify_all()
    os._exit(0)  # The server is gone, or wants this one gone: also in the middle of a run.


def bar(position, width, height, color):
    black, lit = b"\0\0\0", bytes(color)
    left = position % width
    row = b"".join(lit if (x - left) % width < width // 8 + 1 else black for x in range(width))
    return row * height


def make(run_id, request):
    global under_way
    width, height, frames = request["width"], request["height"], request["num_frames"]
    state = request.get("continuation_state")
    position = state["payload"]["position"] if state and state["kind"] == KIND else 0
    color = struct.pack(">I", zlib.crc32(request["prompt"].encode()))[:3]
    send({"type": "started", "run_id": run_id, "total_steps": frames})
    given = 0
    while given < frames:
        picture = bar(position, width, height, color)
        with change:  # One message may always be under way, more only up to the window.
            change.wait_for(lambda: stopped or not under_way or under_way + len(picture) <= window)
            if stopped:
                break
            under_way += len(picture)
        send({"type": "frame", "run_id": run_id}, picture)
        given, position = given + 1, position + 2
        send({"type": "step", "run_id": run_id, "step": given, "total_steps": frames, "stage": "draw"})
    send({"type": "state", "run_id": run_id, "state": {"kind": KIND, "payload": {"position": position}}})
    send({"type": "done", "run_id": run_id, "frames": given, "cancelled": given < frames})


threading.Thread(target=read_server, daemon=True).start()
while True:
    message = runs.get()
    make(message["run_id"], message["request"])
