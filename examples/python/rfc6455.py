"""
The server's side of WebSocket (RFC 6455) on asyncio's streams: the opening handshake, and messages out of frames.
Who may connect and what is answered is `server.py`'s part.
"""

import asyncio
import base64
import hashlib
import re

MAX_MESSAGE_BYTES = 16 * 1024 * 1024

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)

# How long a connection that is over is read from and thrown away. Closing it while the other side is still sending
# would make its system drop our last words unread.
LINGER_SECONDS = 1


class Refused(Exception):
    """A request that is answered by plain HTTP."""

    def __init__(self, status, reason, *headers):
        super().__init__(reason)
        body = f"{reason}\n".encode()
        head = ("content-type: text/plain; charset=utf-8", f"content-length: {len(body)}", "connection: close")
        self.response = "\r\n".join((f"HTTP/1.1 {status}", *head, *headers, "", "")).encode() + body


class Failed(Exception):
    """What the other side did is against the protocol: the connection is closed with this code."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


async def read_request(reader):
    """The method and the headers, by lower-case names, of an HTTP request. Raises Refused."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1")
    except asyncio.LimitOverrunError:
        raise Refused("431 Request Header Fields Too Large", "The headers are too large.") from None
    first, *lines = head.split("\r\n")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon == "":
            raise Refused("400 Bad Request", "A header has no colon.")
        earlier = [headers[name.lower()]] if name.lower() in headers else []
        headers[name.lower()] = ", ".join([*earlier, value.strip(" \t")])
    return first.split(" ")[0], headers


def is_upgrade(headers):
    tokens = [token.strip().lower() for token in headers.get("connection", "").split(",")]
    return "upgrade" in tokens and headers.get("upgrade", "").lower() == "websocket"


def accept(method, headers):
    """The answer that opens a WebSocket. Raises Refused."""
    key = headers.get("sec-websocket-key", "")
    if headers.get("sec-websocket-version") != "13":
        reason = "This server speaks version 13 of WebSocket."
        raise Refused("426 Upgrade Required", reason, "sec-websocket-version: 13")
    if method != "GET" or re.fullmatch(r"[+/0-9A-Za-z]{22}==", key) is None:
        raise Refused("400 Bad Request", "A handshake is a GET with a Sec-WebSocket-Key of 16 bytes.")
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "upgrade: websocket",
        "connection: upgrade",
        f"sec-websocket-accept: {base64.b64encode(digest).decode()}",
    )
    return "\r\n".join((*lines, "", "")).encode()


class Connection:
    """An open WebSocket."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer
        self._closing = False

    async def receive(self):
        """The next message, text as str and binary as bytes; None when the other side closes. Raises Failed."""
        message = bytearray()
        kind = None
        while True:
            final, opcode, length = await self._read_header()
            if opcode < CLOSE:
                if (opcode == CONTINUATION) != (kind is not None):
                    raise Failed(1002, "a message begins within another, or goes on before it began")
                if len(message) + length > MAX_MESSAGE_BYTES:
                    raise Failed(1009, f"a message may have {MAX_MESSAGE_BYTES} bytes")
                kind = kind or opcode
            payload = await self._read_payload(length)
            if opcode == PING:
                await self._send(PONG, payload)
            elif opcode == CLOSE:
                self.close(*read_close(payload))
                return None
            elif opcode != PONG:
                message += payload
                if final:
                    return decode(message) if kind == TEXT else bytes(message)

    async def send(self, message):
        is_text = isinstance(message, str)
        await self._send(TEXT if is_text else BINARY, message.encode() if is_text else message)

    def close(self, code, reason=""):
        """Sends the close frame, once: nothing may follow it."""
        if not self._closing:
            payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
            self._write(CLOSE, payload)
            self._closing = True

    async def _read_header(self):
        first, second = await self._reader.readexactly(2)
        final, opcode, length = first & 0x80 != 0, first & 0x0F, second & 0x7F
        if first & 0x70 != 0 or opcode not in OPCODES:
            raise Failed(1002, "a frame with an unknown extension or opcode")
        if second & 0x80 == 0:
            raise Failed(1002, "a frame that is not masked")
        if opcode >= CLOSE and (not final or length > 125):
            raise Failed(1002, "a control frame that is too long or in parts")
        if length >= 126:
            length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8), "big")
        return final, opcode, length

    async def _read_payload(self, length):
        """Takes the mask off: as one large number, since a loop over bytes takes seconds for a large message."""
        mask = await self._reader.readexactly(4)
        payload = await self._reader.readexactly(length)
        key = (mask * (length // 4 + 1))[:length]
        return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")

    async def _send(self, opcode, payload):
        if not self._closing:
            self._write(opcode, payload)
            await self._writer.drain()  # who does not read is not read from

    def _write(self, opcode, payload):
        length = len(payload)
        if length < 126:
            header = bytes((0x80 | opcode, length))
        elif length < 65536:
            header = bytes((0x80 | opcode, 126)) + length.to_bytes(2, "big")
        else:
            header = bytes((0x80 | opcode, 127)) + length.to_bytes(8, "big")
        self._writer.write(header + payload)


def read_close(payload):
    """What a close frame is answered with. Raises Failed."""
    if payload == b"":
        return (None,)
    code = int.from_bytes(payload[:2], "big")
    is_known = (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999
    if len(payload) == 1 or not is_known:
        raise Failed(1002, "a close code that nobody may send")
    decode(payload[2:])
    return (code,)


def decode(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Failed(1007, "a text that is not UTF-8") from None


async def finish(reader, writer):
    """Ends a connection so that the other side gets all that was written, if it will have it. Never raises OSError."""

    async def read_on():
        await writer.drain()
        writer.write_eof()
        while await reader.read(65536):
            pass

    try:
        await asyncio.wait_for(read_on(), LINGER_SECONDS)
        writer.close()
    except (OSError, asyncio.TimeoutError):
        writer.transport.abort()
