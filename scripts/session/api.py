"""
A WebSocket server that knows nothing of wsyard: it listens at the port in PORT, and sends back what it hears. The rules of WebSocket are
those of examples/python.
"""

import asyncio
import os

from rfc6455 import Connection, Failed, Refused, accept, finish, read_request


async def serve(reader, writer):
    try:
        writer.write(accept(*await read_request(reader)))
        connection = Connection(reader, writer)
        while (message := await connection.receive()) is not None:
            await connection.send(f"You said {message}.")
    except Refused as refused:
        writer.write(refused.response)
    except (Failed, OSError, EOFError):
        pass  # the other side is free to be gone at any time
    await finish(reader, writer)


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


asyncio.run(main())
