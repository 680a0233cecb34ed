#!/usr/bin/env python3
"""
An echo server in plain Python that takes part in wsyard's registry by writing one file. README.md tells what is where.
"""

import argparse
import asyncio
import re
import signal
import sys

from entry_file import EntryFile
from guard import refusal_of
from rfc6455 import Connection, Failed, Refused, accept, finish, is_upgrade, read_request

HANDSHAKE_SECONDS = 5
LOOK_AFTER_SECONDS = 5
CLOSE_SECONDS = 1


class EchoServer:
    """Answers every message with its id and the message."""

    def __init__(self, origins):
        self.id = None
        self._origins = origins
        self._server = None
        self._open = {}

    async def listen(self, port):
        """Resolves to the port. Raises OSError."""
        self._server = await asyncio.start_server(self._on_client, "127.0.0.1", port)
        return self._server.sockets[0].getsockname()[1]

    async def close(self):
        """Closes every connection with 1001, and cuts those that do not answer."""
        self._server.close()
        for connection in self._open.values():
            connection.close(1001, "server closing")
        if self._open:
            await asyncio.wait(list(self._open), timeout=CLOSE_SECONDS)

    async def _on_client(self, reader, writer):
        """One connection from its first byte to its last. What goes wrong with it is nobody else's concern."""
        task = asyncio.current_task()
        try:
            await asyncio.wait_for(self._shake_hands(reader, writer), HANDSHAKE_SECONDS)
            self._open[task] = connection = Connection(reader, writer)
            await self._echo(connection)
        except Refused as refused:
            writer.write(refused.response)
        except (OSError, EOFError, asyncio.TimeoutError):
            pass  # the other side is free to be gone at any time
        await finish(reader, writer)
        self._open.pop(task, None)

    async def _shake_hands(self, reader, writer):
        method, headers = await read_request(reader)
        if not is_upgrade(headers):  # a hub that looks whether this server answers, for one
            raise Refused("426 Upgrade Required", "This port speaks WebSocket only.", "upgrade: websocket")
        refusal = refusal_of(headers, self._origins)
        if refusal is not None:
            raise Refused("403 Forbidden", refusal)
        writer.write(accept(method, headers))

    async def _echo(self, connection):
        try:
            while True:
                message = await connection.receive()
                if message is None:
                    return
                text = message if isinstance(message, str) else f"{len(message)} bytes"
                await connection.send(f"[{self.id}] Echo: {text}")
        except Failed as failed:
            connection.close(failed.code, str(failed))


async def main(options):
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, signal_name):  # not every system has all of them
            signal.signal(getattr(signal, signal_name), lambda *_: loop.call_soon_threadsafe(stopped.set))

    server = EchoServer(options.origin)
    try:
        port = await server.listen(options.port)
    except OSError as error:
        next_step = "Choose another port, or 0 for any free one."
        sys.exit(f"Cannot listen on 127.0.0.1 port {options.port}: {error.strerror}. {next_step}")
    try:
        entry = EntryFile(port, options.name)
        entry.write()
    except ValueError as error:
        sys.exit(f"Cannot register: {error}")
    except OSError as error:
        next_step = "Make its directory writable for this user, or set SHIPYARD_HOME to one that is."
        sys.exit(f"Cannot register: {error}. {next_step}")

    server.id = entry.id
    try:
        print(f"[{entry.id}] WebSocket server listening on port {port}", flush=True)
        await look_after(entry, stopped)
    finally:
        entry.remove()
    await server.close()
    print(f"[{entry.id}] Stopped", flush=True)


async def look_after(entry, stopped):
    """Keeps the entry's file there until the server is told to stop."""
    while True:
        try:
            return await asyncio.wait_for(stopped.wait(), LOOK_AFTER_SECONDS)
        except asyncio.TimeoutError:
            pass
        try:
            entry.look_after()
        except OSError as error:
            print(f"Cannot look after the entry: {error}. It is tried again.", file=sys.stderr, flush=True)


def read_options():
    parser = argparse.ArgumentParser(
        description='Starts a WebSocket server that answers every message with "[<id>] Echo: <message>" and '
        "registers itself, so that pages find it. Start as many as you like."
    )
    parser.add_argument(
        "--name",
        type=by_rule(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", "at most 128 letters, digits, dots, dashes, underscores"),
        help="what people call it, the same across restarts",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=0,
        metavar="PORT",
        help="port to listen on; 0, the default, lets the system pick one",
    )
    parser.add_argument(
        "--origin",
        type=by_rule(r"https?://[^/?#\s*]+", "an origin such as https://app.example, without a path"),
        action="append",
        default=[],
        help="web site whose pages may connect besides those of this machine; may be given more than once",
    )
    return parser.parse_args()


def by_rule(pattern, rule):
    def check(text):
        if re.fullmatch(pattern, text) is None:
            raise argparse.ArgumentTypeError(f'must be {rule} (got "{text}")')
        return text

    return check


def port_number(text):
    number = int(by_rule("[0-9]{1,5}", "a whole number from 0 to 65535")(text))
    if number > 65535:
        raise argparse.ArgumentTypeError(f'must be a whole number from 0 to 65535 (got "{text}")')
    return number


if __name__ == "__main__":
    asyncio.run(main(read_options()))
