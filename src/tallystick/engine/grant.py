"""The grant actor: sole owner of one consent's tokens, whatever number of connections use them.

Everybody who needs a token asks here. However many ask at once, one refresh runs, as a task of the
engine; its new tokens are on the disk before anybody gets them, and from the request to the commit it
cannot be cancelled, since a rotated token that is lost is a lost consent.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, assert_never

import httpx
import trio
from attrs import define, field, frozen

from tallystick.actors import Address, Promise, Tasks
from tallystick.connectors import Connector, Tokens
from tallystick.engine.events import TokenRefreshed, TokenRefreshFailed
from tallystick.errors import NeedsReauthorisation, ProviderUnavailable, TallystickError
from tallystick.store import Store, StoredTokens, Stores, grants
from tallystick.telemetry import Telemetry

#: An access token is not given out when it ends sooner than this: a call may wait for its budget.
SPARE: Final = timedelta(seconds=30)
_LAST_S: Final = 2.0  #: for a refresh that is out when everything stops
_REVOKE_S: Final = 3.5  #: less than whoever unlinks waits


@frozen(kw_only=True)
class GiveToken:
    """Ask for an access token. Answer: the token, perhaps after a refresh.

    Safe to repeat: yes.
    """

    refused: str | None = field(default=None, repr=False)  #: a token that the provider no longer takes


@frozen(kw_only=True)
class Renewed:
    """From the grant's own task: tokens that are good and durable."""

    tokens: StoredTokens = field(repr=False)
    refused: str | None = field(repr=False)  #: the token that it knew to be refused when it began


@frozen(kw_only=True)
class RenewalFailed:
    """From the grant's own task: there are no good tokens now."""

    error: TallystickError


@frozen(kw_only=True)
class Revoke:
    """Let this tenant's consent go at the provider. Answer: None when the provider has heard it.

    Raises to the asker: `NeedsReauthorisation` when there is nothing left to revoke. Safe to repeat: yes.
    """

    tenant_id: str


Message = GiveToken | Renewed | RenewalFailed | Revoke


@frozen(kw_only=True)
class GrantContext:
    """What a grant's actors have in common over restarts."""

    id: str
    client_id: str
    connector: Connector
    stores: Stores
    http: httpx.AsyncClient
    clock: Callable[[], datetime]
    telemetry: Telemetry
    deadline_s: float  #: for one answer of the token endpoint
    lost: Callable[[str, str], Awaitable[None]]  #: called with grant id and reason when consent is gone


@define(eq=False, kw_only=True)
class Grant:
    """One consent."""

    me: Address[Message]
    tasks: Tasks
    context: GrantContext
    tokens: StoredTokens | None = None
    waiting: list[tuple[Promise[str], str | None]] = field(factory=list)  #: with the token that was refused
    renewing: bool = False

    async def started(self) -> None:
        """Nothing to do: tokens are read when the first one is asked for."""

    async def handle(self, message: Message) -> object:
        """See the messages."""
        match message:
            case GiveToken():
                return self._give(message.refused)
            case Revoke():
                token, done = self._give(None), Promise[None]()
                self.tasks.start(_revoke, self.context, message.tenant_id, token, done)
                return done
            case Renewed():
                self.renewing = False
                self.tokens = message.tokens
                waiting, self.waiting = self.waiting, []
                for promise, refused in waiting:
                    if message.tokens.access == refused != message.refused:
                        self._answer(promise, refused)  # found in the store, it is the very one refused
                    else:
                        promise.keep(message.tokens.access)
            case RenewalFailed():
                self.renewing = False
                self.tokens = None
                waiting, self.waiting = self.waiting, []
                for promise, _ in waiting:
                    promise.break_(message.error)
            case _:
                assert_never(message)
        return None

    def _give(self, refused: str | None) -> Promise[str]:
        promise: Promise[str] = Promise()
        self._answer(promise, refused)
        return promise

    def _answer(self, promise: Promise[str], refused: str | None) -> None:
        """A token, now or after the one refresh that all who wait share."""
        if self.tokens is not None and _good(self.tokens, refused, self.context.clock()):
            promise.keep(self.tokens.access)
            return
        self.waiting.append((promise, refused))
        if not self.renewing:
            self.renewing = True
            self.tasks.start(_renew, self.me, self.context, refused)


def _good(tokens: StoredTokens, refused: str | None, now: datetime) -> bool:
    return tokens.access != refused and tokens.expires_at - SPARE > now


async def _renew(me: Address[Message], context: GrantContext, refused: str | None) -> None:
    """Find or make good tokens and report back; never raises for what a provider may do."""
    try:
        tokens = await _tokens(context, refused)
    except TallystickError as error:
        await me.tell(RenewalFailed(error=error))
        if isinstance(error, NeedsReauthorisation):
            await context.lost(context.id, str(error))
    else:
        await me.tell(Renewed(tokens=tokens, refused=refused))


async def _revoke(context: GrantContext, tenant_id: str, token: Promise[str], done: Promise[None]) -> None:
    """Tell the provider, within a time that no later consent can fall into."""
    try:
        with trio.fail_after(_REVOKE_S):
            access = await token.wait()
            tokens = Tokens(access=access, refresh=None, expires_at=context.clock())
            await context.connector.auth.revoke(context.http, tokens, tenant_id)
    except trio.TooSlowError:
        platform = context.connector.manifest.slug
        done.break_(ProviderUnavailable(platform=platform, reason=f"no answer within {_REVOKE_S:g} s"))
    except TallystickError as error:
        done.break_(error)
    else:
        done.keep(None)


def _plain(stored: StoredTokens) -> Tokens:
    return Tokens(
        access=stored.access, refresh=stored.refresh, expires_at=stored.expires_at, scope=stored.scope
    )


async def _tokens(context: GrantContext, refused: str | None) -> StoredTokens:
    async with context.stores.client(context.client_id) as store:
        stored = await store.read(grants.load, store.vault, context.id)
        if stored is None:
            raise NeedsReauthorisation(
                platform=context.connector.manifest.slug, reason="there are no tokens for it"
            )
        if _good(stored, refused, context.clock()):
            return stored
        started = time.perf_counter()
        fresh = await _shielded(context, store, stored)
        context.telemetry.emit(
            TokenRefreshed(
                platform=context.connector.manifest.slug,
                grant_id=context.id,
                seconds=time.perf_counter() - started,
            )
        )
        return fresh


async def _shielded(context: GrantContext, store: Store, stored: StoredTokens) -> StoredTokens:
    """Refresh and store, whatever is cancelled meanwhile: a rotated token that is lost is a lost consent.

    Cancelled, it gets a last few seconds; who rotates with grace (Xero: 30 minutes) takes the old one again.
    """
    guard = trio.CancelScope(shield=True)
    fresh: StoredTokens | None = None
    failure: TallystickError | None = None
    async with trio.open_nursery() as watching:
        watching.start_soon(_shorten_when_cancelled, guard)
        with guard:
            try:
                fresh = await _refresh_and_store(context, store, stored)
            except TallystickError as error:
                failure = error
        watching.cancel_scope.cancel()
    if failure is not None:
        raise failure
    if fresh is None:
        platform = context.connector.manifest.slug
        raise ProviderUnavailable(platform=platform, reason="we stopped before new tokens came")
    return fresh


async def _shorten_when_cancelled(guard: trio.CancelScope) -> None:
    """The one task here that a cancellation from outside still reaches."""
    try:
        await trio.sleep_forever()
    finally:
        guard.deadline = min(guard.deadline, trio.current_time() + _LAST_S)


async def _refresh_and_store(context: GrantContext, store: Store, stored: StoredTokens) -> StoredTokens:
    try:
        fresh = await _refresh(context, stored)
    except NeedsReauthorisation as error:
        # Somebody may have stored newer tokens since (a new consent): that decides.
        again = await store.read(grants.load, store.vault, context.id)
        if again is not None and again.version > stored.version:
            return again
        _failed(context, lost=True, error=error)
        raise
    except ProviderUnavailable as error:
        _failed(context, lost=False, error=error)
        raise
    kept = await store.write(
        grants.renew, store.vault, grant_id=context.id, tokens=fresh, now=context.clock()
    )
    if not kept:
        raise NeedsReauthorisation(
            platform=context.connector.manifest.slug, reason="another consent has taken its place"
        )
    return fresh


async def _refresh(context: GrantContext, stored: StoredTokens) -> StoredTokens:
    try:
        with trio.fail_after(context.deadline_s):
            new = await context.connector.auth.refresh(context.http, _plain(stored))
    except trio.TooSlowError as error:
        raise ProviderUnavailable(
            platform=context.connector.manifest.slug,
            reason=f"no new token within {context.deadline_s:g} s",
        ) from error
    return stored_tokens(new, version=stored.version + 1)


def stored_tokens(tokens: Tokens, *, version: int) -> StoredTokens:
    """Tokens as the store keeps them."""
    return StoredTokens(
        version=version,
        access=tokens.access,
        refresh=tokens.refresh,
        expires_at=tokens.expires_at,
        scope=tokens.scope,
    )


def _failed(context: GrantContext, *, lost: bool, error: TallystickError) -> None:
    context.telemetry.emit(
        TokenRefreshFailed(
            platform=context.connector.manifest.slug, grant_id=context.id, lost=lost, reason=str(error)
        )
    )
