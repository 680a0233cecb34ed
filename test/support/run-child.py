#!/usr/bin/env python3
"""
A command for the tests of `wsyard run`: does what its arguments say, and then what the lines of its input say, until that ends. Each
thing that it has done it prints with the time and its pid, as in `listening 41234 at 1735946123456.7 by 99`.

  listen [host]    at a port of its own       take [host]  at the port in PORT
  plain, asks, odd, deaf what listens answers with 404, with 401, with another 101 than asked for, or not at all, until it is told to `accept`
  close <port>     fork  goes on as another process, while this one ends
  group            makes itself a process group of its own   leave  leaves a process running that listens
  give <path>, receive <path>  a listening socket
  ignore <signal>  count <signal>  die <signal>  exit <code>  wait  until it is killed
"""

import base64
import hashlib
import os
import signal
import socket
import sys
import threading
import time

sockets = {}
manner = "accept"


def tell(text):
    print(f"{text} at {time.time() * 1000:.1f} by {os.getpid()}", flush=True)


def answer(connection):
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(4096)
            if not more:
                return
            head += more
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        tell(f"asked {lines[0].split(' ')[1]}")
        while manner == "deaf":
            time.sleep(0.05)
        if manner == "plain" or headers.get("upgrade") != "websocket":
            connection.sendall(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return
        if manner == "asks":
            connection.sendall(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return
        original = next(line for line in lines if line.lower().startswith("sec-websocket-key"))
        key = original.split(": ")[1] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        key = key.lower() if manner == "odd" else key
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        answer = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: upgrade"]
        connection.sendall("\r\n".join([*answer, f"sec-websocket-accept: {accept}", "", ""]).encode())
        tell(f"heard {connection.recv(4096).hex()}")


def serve(listening):
    def run():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    sockets[listening.getsockname()[1]] = listening
    threading.Thread(target=run, daemon=True).start()


def listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen()
    tell(f"listening {listening.getsockname()[1]}")
    serve(listening)


def close(port):
    listening = sockets.pop(port)
    listening.shutdown(socket.SHUT_RDWR)  # or the thread that accepts keeps it open
    listening.close()
    tell(f"closed {port}")


def fork():
    if os.fork() != 0:
        os._exit(0)
    for listening in list(sockets.values()):
        serve(listening)
    tell("forked")


def leave():
    if os.fork() == 0:
        listen("127.0.0.1", 0)
        tell("left")
        while True:
            signal.pause()


def give(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(path)
        door.listen()
        tell("giving")
        connection, _ = door.accept()
        socket.send_fds(connection, [b"."], [listening.fileno() for listening in sockets.values()])
        connection.recv(1)


def receive(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        _, [descriptor], _, _ = socket.recv_fds(connection, 1, 1)
    listening = socket.socket(fileno=descriptor)
    tell(f"received {listening.getsockname()[1]}")
    serve(listening)


def do(words):
    global manner
    what, *rest = words
    if what in ("listen", "take"):
        listen(rest[0] if rest else "127.0.0.1", int(os.environ["PORT"]) if what == "take" else 0)
    elif what in ("plain", "asks", "odd", "deaf", "accept"):
        manner = what
        tell(what)
    elif what == "close":
        close(int(rest[0]))
    elif what == "fork":
        fork()
    elif what == "leave":
        leave()
    elif what == "group":
        os.setpgid(0, 0)
    elif what == "give":
        give(rest[0])
    elif what == "receive":
        receive(rest[0])
    elif what == "ignore":
        signal.signal(signal.Signals[rest[0]], signal.SIG_IGN)
    elif what == "count":
        signal.signal(signal.Signals[rest[0]], lambda number, _: tell(f"got {signal.Signals(number).name}"))
    elif what == "die":
        os.kill(os.getpid(), signal.Signals[rest[0]])
    elif what == "exit":
        sys.exit(int(rest[0]))
    elif what == "wait":
        while True:
            signal.pause()


tell("started")
for argument in sys.argv[1:]:
    do(argument.split(" "))
for line in sys.stdin:
    do(line.split())
