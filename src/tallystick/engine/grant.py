"""The grant actor: sole owner of one consent's tokens, whatever number of connections use them.

Everybody who needs a token asks here. However many ask at once, one renewal runs, as a task of the
actor. One that fails is tried again by itself, after pauses that grow, until there are tokens or the
provider says that the consent is gone; who asks during a pause hears so at once.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final, assert_never

import trio
from attrs import define, evolve, field, frozen

from tallystick.actors import Address, Promise, Tasks
from tallystick.connectors import Tokens
from tallystick.engine.renewal import SPARE, GrantContext, Renewal, good, stored_tokens
from tallystick.errors import (
    NeedsReauthorisation,
    ProviderUnavailable,
    RateLimited,
    Retry,
    TallystickError,
)
from tallystick.store import StoredTokens

__all__ = [
    "SPARE",
    "GiveToken",
    "Grant",
    "GrantContext",
    "Message",
    "RefreshPutOff",
    "RenewalFailed",
    "Renewed",
    "Revoke",
    "TryAgain",
    "stored_tokens",
]

FIRST_PAUSE_S: Final = 1.0  #: after the first failure; doubles with each one after it
#: No pause is longer, but where the provider asks for it: a few attempts before the 30 minutes are over
#: in which Xero takes a token again whose successor was lost on its way.
LONGEST_PAUSE_S: Final = 300.0
_SPREAD: Final = 0.2  #: of a pause, more or less: a provider that comes back is not met by all grants at once
_REVOKE_S: Final = 3.5  #: less than whoever unlinks waits


@frozen(kw_only=True)
class RefreshPutOff:
    """A refresh gave no tokens; the next one comes by itself after a pause."""

    platform: str
    grant_id: str
    attempts: int  #: that failed, one after the other
    seconds: float  #: until the next one
    reason: str


@frozen(kw_only=True)
class GiveToken:
    """Ask for an access token. Answer: the token, perhaps after a refresh.

    Raises to the asker: `NeedsReauthorisation`; `ProviderUnavailable`, at once, while refreshes fail.
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
    refused: str | None = field(repr=False)
    unsaved: StoredTokens | None = field(repr=False)  #: tokens that came and could not be stored


@frozen(kw_only=True)
class TryAgain:
    """From the grant's own task: the pause after a failed refresh is over. Safe to repeat: yes."""


@frozen(kw_only=True)
class Revoke:
    """Let this tenant's consent go at the provider. Answer: None when the provider has heard it.

    Raises to the asker: `NeedsReauthorisation` when there is nothing left to revoke. Safe to repeat: yes.
    """

    tenant_id: str


Message = GiveToken | Renewed | RenewalFailed | TryAgain | Revoke


@frozen(kw_only=True)
class _Rest:
    """The pause after refreshes that failed."""

    until: float  #: trio's clock
    attempts: int
    last: RenewalFailed


@define(eq=False, kw_only=True)
class Grant:
    """One consent."""

    me: Address[Message]
    tasks: Tasks
    context: GrantContext
    tokens: StoredTokens | None = None
    waiting: list[tuple[Promise[str], str | None]] = field(factory=list)  #: with the token that was refused
    renewing: bool = False
    rest: _Rest | None = None  #: None while nothing has failed

    async def started(self) -> None:
        """Nothing to do: tokens are read when the first one is asked for."""

    async def handle(self, message: Message) -> object:
        """See the messages."""
        match message:
            case GiveToken():
                return self._give(message.refused)
            case Revoke():
                token, done = self._give(None), Promise[None]()
                self.tasks.start(_revoke, self.context, message.tenant_id, token, self._kept_tokens, done)
                return done
            case Renewed():
                self._renewed(message)
            case RenewalFailed():
                self._failed(message)
            case TryAgain():
                if self.rest is not None and not self.renewing:
                    self._renew(self.rest.last.refused)
            case _:
                assert_never(message)
        return None

    def _kept_tokens(self) -> StoredTokens | None:
        return self.tokens

    def _give(self, refused: str | None) -> Promise[str]:
        promise: Promise[str] = Promise()
        self._answer(promise, refused)
        return promise

    def _answer(self, promise: Promise[str], refused: str | None) -> None:
        """A token, now or after the one renewal that all share; during a pause, why there is none."""
        if self.tokens is not None and good(self.tokens, refused, self.context.clock()):
            promise.keep(self.tokens.access)
            return
        if self.rest is not None and not self.renewing:
            promise.break_(self._put_off(self.rest))
            return
        self.waiting.append((promise, refused))
        if not self.renewing:
            self._renew(refused)

    def _renew(self, refused: str | None) -> None:
        self.renewing = True
        unsaved = None if self.rest is None else self.rest.last.unsaved
        renewal = Renewal(context=self.context, refused=refused, unsaved=unsaved)
        self.tasks.start(_renew, self.me, renewal)

    def _renewed(self, message: Renewed) -> None:
        self.renewing, self.rest = False, None
        self.tokens = message.tokens
        waiting, self.waiting = self.waiting, []
        for promise, refused in waiting:
            if message.tokens.access == refused != message.refused:
                self._answer(promise, refused)  # found in the store, it is the very one refused
            else:
                promise.keep(message.tokens.access)

    def _failed(self, message: RenewalFailed) -> None:
        self.renewing, self.tokens = False, None
        waiting, self.waiting = self.waiting, []
        for promise, _ in waiting:
            promise.break_(message.error)
        if isinstance(message.error, NeedsReauthorisation):
            self.rest = None
            return
        attempts = 1 if self.rest is None else self.rest.attempts + 1
        pause = _pause(self.context.id, attempts)
        if isinstance(message.error, RateLimited):
            pause = max(pause, message.error.retry_after)
        self.rest = _Rest(until=trio.current_time() + pause, attempts=attempts, last=message)
        self.tasks.start(_try_again, self.me, self.rest.until)
        self.context.telemetry.emit(
            RefreshPutOff(
                platform=self.context.connector.manifest.slug,
                grant_id=self.context.id,
                attempts=attempts,
                seconds=pause,
                reason=str(message.error),
            )
        )

    def _put_off(self, rest: _Rest) -> TallystickError:
        if not isinstance(rest.last.error, Retry):
            return evolve(rest.last.error)
        wait = max(0.0, rest.until - trio.current_time())
        return ProviderUnavailable(
            platform=self.context.connector.manifest.slug,
            reason=f"it gave no new token, and is asked again in {wait:.0f} s ({rest.last.error})",
        )


def _pause(grant_id: str, attempts: int) -> float:
    """Seconds after so many failures in a row. The same for the same grant, and spread over grants."""
    place = blake2b(grant_id.encode(), digest_size=1).digest()[0] / 255
    grown = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 30))
    return grown * (1.0 - _SPREAD * place)


async def _renew(me: Address[Message], renewal: Renewal) -> None:
    """Find or make good tokens and report back; never raises for what a provider or a disk may do."""
    try:
        tokens = await renewal.tokens()
    except TallystickError as error:
        await me.tell(RenewalFailed(error=error, refused=renewal.refused, unsaved=renewal.unsaved))
        if isinstance(error, NeedsReauthorisation):
            await renewal.context.lost(renewal.context.id, str(error))
    else:
        await me.tell(Renewed(tokens=tokens, refused=renewal.refused))


async def _try_again(me: Address[Message], at: float) -> None:
    await trio.sleep_until(at)
    await me.tell(TryAgain())


async def _revoke(
    context: GrantContext,
    tenant_id: str,
    token: Promise[str],
    kept: Callable[[], StoredTokens | None],
    done: Promise[None],
) -> None:
    """Tell the provider, within a time that no later consent can fall into.

    Some let a consent go by its refresh token: that is the one which came with the token that was waited for.
    """
    try:
        with trio.fail_after(_REVOKE_S):
            access = await token.wait()
            now = kept()
            refresh = now.refresh if now is not None and now.access == access else None
            tokens = Tokens(access=access, refresh=refresh, expires_at=context.clock())
            await context.connector.auth.revoke(context.http, tokens, tenant_id)
    except trio.TooSlowError:
        platform = context.connector.manifest.slug
        done.break_(ProviderUnavailable(platform=platform, reason=f"no answer within {_REVOKE_S:g} s"))
    except TallystickError as error:
        done.break_(error)
    else:
        done.keep(None)
