"""The same as round-trip.c, in Python."""

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "measure"))
from turns import in_turns  # noqa: E402

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()


def turn(rounds):
    for _ in range(rounds):
        client.send(b"hello")
        server.recv(1024)


in_turns(turn)
