"""A listener: its socket, and hypercorn's protocol served on it by trio.

The accept loop is our own, so that every connection's stream can be given a deadline for each send, which
hypercorn shields from cancellation: a client that does not read would hold its task for ever.
"""

import errno
import socket
from typing import Final

import h11
import trio
from attrs import define, field, frozen
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from starlette.types import ASGIApp

from tallystick.config import ServerSettings
from tallystick.errors import ConfigurationInvalid
from tallystick.http.crash import crash_told
from tallystick.telemetry import Telemetry

_BACKLOG: Final = 512
_CHUNK: Final = 64 * 1024  #: bytes that a client must take within one send's deadline
_GRACE_S: Final = 3.0  #: for requests in hand when the listener stops
_IDLE_S: Final = 5.0  #: for the next request's headers, all of them
_WILDCARDS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not bound


async def _stay_on_http11(self: H11Protocol, event: h11.Request) -> None:
    """Takes the place of `H11Protocol._check_protocol`.

    Hypercorn answers `Upgrade: h2c` and the HTTP/2 preface in cleartext, and has no switch for it. Behind a
    proxy that passes the upgrade on, every later request of that connection goes round the proxy's rules.
    """


H11Protocol._check_protocol = _stay_on_http11  # type: ignore[method-assign]


@define(eq=False)
class DeadlineStream:
    """A connection's stream that is closed when its client takes none of what is sent for `seconds`."""

    inner: trio.SocketStream
    seconds: float

    @property
    def socket(self) -> trio.socket.SocketType:
        """The connection's socket."""
        return self.inner.socket

    async def send_all(self, data: bytes) -> None:
        """Send all of it, each piece within the deadline. Raises: `trio.BrokenResourceError`."""
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            with trio.move_on_after(self.seconds) as patience:
                try:
                    await self.inner.send_all(view[start : start + _CHUNK])
                except trio.BusyResourceError as error:  # sends take turns: it is being closed
                    raise trio.BrokenResourceError("the connection is being closed") from error
            if patience.cancelled_caught:
                await trio.aclose_forcefully(self.inner)
                raise trio.BrokenResourceError("the client does not read")

    async def receive_some(self, limit: int) -> bytes:
        """What has come, at most `limit` bytes."""
        return await self.inner.receive_some(limit)

    async def send_eof(self) -> None:
        """Nothing more will be sent."""
        await self.inner.send_eof()

    async def aclose(self) -> None:
        """Close it."""
        await self.inner.aclose()


@define(eq=False)
class Listener:
    """A bound socket: the address is known, and taken, before anything is served."""

    url: str  #: `http://host:port`, as clients on this machine reach it
    _socket: socket.socket = field(repr=False)

    async def serve(
        self,
        app: ASGIApp,
        settings: ServerSettings,
        *,
        telemetry: Telemetry | None = None,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve until cancelled: then requests in hand get three seconds to end.

        May be called again after a crash: the address stays bound. A connection that hypercorn itself cannot
        cope with is closed, and told to `telemetry` as `HandlerCrashed`.
        """
        context, stopping = WorkerContext(None), trio.Event()
        handle = _Conversations(
            app=app,
            config=_config(settings),
            context=context,
            send_s=settings.answer_deadline,
            telemetry=telemetry,
        )
        try:
            async with trio.open_nursery() as nursery:
                connections: trio.Nursery = await nursery.start(_hold_connections, context, stopping)
                listener = trio.SocketListener(trio.socket.from_stdlib_socket(self._socket.dup()))
                task_status.started()
                try:
                    await trio.serve_listeners(handle, [listener], handler_nursery=connections)
                finally:
                    stopping.set()
        except BaseException as end:
            if not isinstance(end, Exception):  # cancelled, perhaps in several tasks: nobody serves again
                self.close()
            raise

    def close(self) -> None:
        """Give the address back. Safe to repeat."""
        self._socket.close()


def listen(host: str, port: int) -> Listener:
    """Take an address; port 0 takes a free one.

    Raises: `ConfigurationInvalid` when it is taken, not allowed, or no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigurationInvalid(message=f"{host} is no address to listen on: {error.strerror}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise ConfigurationInvalid(message=_why(error, host, port)) from error
    taken = bound.getsockname()[1]
    shown = _WILDCARDS.get(host, host)
    return Listener(f"http://[{shown}]:{taken}" if ":" in shown else f"http://{shown}:{taken}", bound)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is in use: stop what holds it (`ss -ltnp sport = :{port}` shows it), "
            "or set another port (0 takes a free one)"
        )
    return f"cannot listen on {host} port {port}: {error.strerror}"


def _config(settings: ServerSettings) -> Config:
    config = Config()
    config.accesslog = None  # the guard's events are the record of requests
    config.errorlog = None
    config.include_server_header = False
    config.keep_alive_timeout = _IDLE_S
    config.graceful_timeout = _GRACE_S
    # Only the guard can answer in our words, so h11 takes a little more than it allows.
    config.h11_max_incomplete_size = 2 * settings.header_limit
    return config


async def _hold_connections(
    context: WorkerContext, stopping: trio.Event, *, task_status: trio.TaskStatus[trio.Nursery]
) -> None:
    """The connections' nursery: it outlives the accept loop by the time of grace."""
    async with trio.open_nursery() as connections:
        connections.cancel_scope.shield = True
        task_status.started(connections)
        await stopping.wait()
        await context.terminated.set()
        connections.cancel_scope.deadline = trio.current_time() + _GRACE_S


@frozen(kw_only=True)
class _Conversations:
    """Serves connections. What goes wrong in one ends that one."""

    app: ASGIApp
    config: Config
    context: WorkerContext
    send_s: float
    telemetry: Telemetry | None

    async def __call__(self, stream: trio.SocketStream) -> None:
        server = TCPServer(
            ASGIWrapper(self.app),  # type: ignore[arg-type]
            self.config,
            self.context,
            ConnectionState({}),
            DeadlineStream(stream, self.send_s),  # type: ignore[arg-type]
        )
        try:
            await server.run()
        except* h11.ProtocolError:  # the client broke the protocol in the middle of our answer
            await trio.aclose_forcefully(stream)
        except* Exception as crash:  # noqa: BLE001 - one stranger's bytes must not end everybody's work
            await trio.aclose_forcefully(stream)
            if self.telemetry is not None:
                self.telemetry.emit(crash_told(crash, "(connection)", ""))
