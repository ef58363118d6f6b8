"""Sends back what comes, and prints its port first: the same other end for all who ask. Ends with its input."""

import socket
import sys
import threading

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def answer(connection):
    while data := connection.recv(1024):
        connection.sendall(data)


def serve():
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


threading.Thread(target=serve, daemon=True).start()
sys.stdin.read()
