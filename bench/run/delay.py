"""A network that takes its time: passes bytes on after half a round trip, in both directions.

    python -m bench.run.delay TARGET_PORT ROUND_TRIP_MS

A new connection costs its round trip as well, as TCP's handshake would. Loopback only; looks at
no byte.
"""

import asyncio
import sys

HOST = "127.0.0.1"


class Line:
    """One connection between a client and the target."""

    def __init__(self, port: int, round_trip_s: float) -> None:
        """`port` is the target's."""
        self.port, self.half_s = port, round_trip_s / 2

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Both directions until either side ends."""
        loop = asyncio.get_running_loop()
        connected = loop.time() + 2 * self.half_s
        target_reader, target_writer = await asyncio.open_connection(HOST, self.port)
        await asyncio.gather(
            self._pass(reader, target_writer, connected),
            self._pass(target_reader, writer, connected),
        )

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, from_s: float
    ) -> None:
        """Every piece half a round trip after it came, the first not before the connection."""
        loop = asyncio.get_running_loop()
        while data := await _piece(reader):
            loop.call_at(max(loop.time(), from_s) + self.half_s, _write, writer, data)
        loop.call_at(max(loop.time(), from_s) + self.half_s, writer.close)


async def _piece(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65_536)
    except OSError:
        return b""


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)


async def serve(port: int, round_trip_s: float) -> None:
    """Print the own port, then carry until killed."""
    server = await asyncio.start_server(Line(port, round_trip_s).carry, HOST, 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
