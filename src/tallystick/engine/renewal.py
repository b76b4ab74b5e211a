"""One renewal of a grant: finding good tokens in the store, or getting new ones and storing them.

A rotated token that is lost is a lost consent. So from the request to the commit a renewal cannot be
cancelled, and tokens that came but could not be stored are kept for the next renewal of the same grant.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
import trio
from attrs import define, evolve, field, frozen

from tallystick.connectors import Connector, Tokens
from tallystick.engine.events import TokenRefreshed, TokenRefreshFailed
from tallystick.errors import NeedsReauthorisation, ProviderUnavailable, TallystickError
from tallystick.store import Store, StoredTokens, Stores, grants
from tallystick.telemetry import Telemetry

#: An access token is not given out when it ends sooner than this: a call may wait for its budget.
SPARE: Final = timedelta(seconds=30)
#: Nor in this last part of its life, whichever is shorter: else one of a few seconds would never do.
SPARE_SHARE: Final = 0.1
_LAST_S: Final = 2.0  #: for a renewal that is out when everything stops


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


def good(tokens: StoredTokens, refused: str | None, now: datetime) -> bool:
    """Whether a call may be made with these tokens; `refused`: one that the provider no longer takes."""
    spare = SPARE
    if tokens.issued_at is not None:
        spare = min(SPARE, SPARE_SHARE * (tokens.expires_at - tokens.issued_at))
    return tokens.access != refused and tokens.expires_at - spare > now


def stored_tokens(tokens: Tokens, *, version: int) -> StoredTokens:
    """Tokens as the store keeps them."""
    return StoredTokens(
        version=version,
        access=tokens.access,
        refresh=tokens.refresh,
        expires_at=tokens.expires_at,
        scope=tokens.scope,
    )


@define(eq=False, kw_only=True)
class Renewal:
    """One renewal. Make a new one for each attempt, with what the last one left unsaved."""

    context: GrantContext
    refused: str | None = field(repr=False)  #: a token that is known to be refused
    unsaved: StoredTokens | None = field(default=None, repr=False)  #: came, and could not be stored

    async def tokens(self) -> StoredTokens:
        """Good tokens, on the disk before they are returned.

        Raises: `NeedsReauthorisation` when the grant is gone; what `Auth.refresh` and the store raise.
        """
        context = self.context
        async with context.stores.client(context.client_id) as store:
            stored = await store.read(grants.load, store.vault, context.id)
            if stored is None:
                raise self._gone("there are no tokens for it")
            if good(stored, self.refused, context.clock()):
                return stored
            started = time.perf_counter()
            fresh = await self._shielded(store, stored)
            context.telemetry.emit(
                TokenRefreshed(
                    platform=context.connector.manifest.slug,
                    grant_id=context.id,
                    seconds=time.perf_counter() - started,
                )
            )
            return fresh

    async def _shielded(self, store: Store, stored: StoredTokens) -> StoredTokens:
        """Refresh and store, whatever is cancelled meanwhile.

        Cancelled, it gets a last few seconds; who rotates with grace (Xero: 30 minutes) takes the old one
        again.
        """
        guard = trio.CancelScope(shield=True)
        fresh: StoredTokens | None = None
        failure: TallystickError | None = None
        async with trio.open_nursery() as watching:
            watching.start_soon(_shorten_when_cancelled, guard)
            with guard:
                try:
                    fresh = await self._refresh_and_store(store, stored)
                except TallystickError as error:
                    failure = error
            watching.cancel_scope.cancel()
        if failure is not None:
            raise failure
        if fresh is None:
            platform = self.context.connector.manifest.slug
            raise ProviderUnavailable(platform=platform, reason="we stopped before new tokens came")
        return fresh

    async def _refresh_and_store(self, store: Store, stored: StoredTokens) -> StoredTokens:
        context = self.context
        try:
            if self.unsaved is None or self.unsaved.version <= stored.version:
                self.unsaved = await self._refresh(stored)
                context.telemetry.point("grant.answered")
            kept = await store.write(
                grants.renew, store.vault, grant_id=context.id, tokens=self.unsaved, now=context.clock()
            )
        except NeedsReauthorisation as error:
            # Somebody may have stored newer tokens since (a new consent): that decides.
            again = await store.read(grants.load, store.vault, context.id)
            if again is not None and again.version > stored.version:
                return again
            self._failed(error, lost=True)
            raise
        except TallystickError as error:
            self._failed(error, lost=False)
            raise
        fresh, self.unsaved = self.unsaved, None
        context.telemetry.point("grant.stored")
        if not kept:
            raise self._gone("another consent has taken its place")
        return evolve(fresh, issued_at=context.clock())

    async def _refresh(self, stored: StoredTokens) -> StoredTokens:
        context = self.context
        context.telemetry.point("grant.refreshing")
        old = Tokens(
            access=stored.access, refresh=stored.refresh, expires_at=stored.expires_at, scope=stored.scope
        )
        try:
            with trio.fail_after(context.deadline_s):
                new = await context.connector.auth.refresh(context.http, old)
        except trio.TooSlowError as error:
            raise ProviderUnavailable(
                platform=context.connector.manifest.slug,
                reason=f"no new token within {context.deadline_s:g} s",
            ) from error
        return stored_tokens(new, version=stored.version + 1)

    def _gone(self, reason: str) -> NeedsReauthorisation:
        return NeedsReauthorisation(platform=self.context.connector.manifest.slug, reason=reason)

    def _failed(self, error: TallystickError, *, lost: bool) -> None:
        self.context.telemetry.emit(
            TokenRefreshFailed(
                platform=self.context.connector.manifest.slug,
                grant_id=self.context.id,
                lost=lost,
                reason=str(error),
            )
        )


async def _shorten_when_cancelled(guard: trio.CancelScope) -> None:
    """The one task here that a cancellation from outside still reaches."""
    try:
        await trio.sleep_forever()
    finally:
        guard.deadline = min(guard.deadline, trio.current_time() + _LAST_S)
