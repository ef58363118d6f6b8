"""The same in Python."""

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "measure"))
from turns import in_turns  # noqa: E402

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def turn(rounds):
    for _ in range(rounds):
        client.send(b"hello")
        client.recv(1024)


in_turns(turn)
