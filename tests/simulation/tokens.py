"""An OAuth token endpoint that keeps the truth about every consent: what it gave, took and refused."""

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import define, field, frozen


@frozen
class Pair:
    """One answer: an access token and the refresh token that comes next."""

    access: str
    refresh: str
    expires_in: int  #: seconds


@define(eq=False)
class ConsentTruth:
    """One consent, as only the provider knows it."""

    number: int
    tenants: tuple[str, ...]
    given: int = 0  #: pairs so far
    refresh: str = ""  #: the newest refresh token
    fading: dict[str, datetime] = field(factory=dict)  #: older ones, with the end of their grace
    access: dict[str, datetime] = field(factory=dict)
    revoked: bool = False
    unconfirmed: bool = False  #: the newest pair has not been seen in use: its answer may have been lost
    in_flight: int = 0
    most_in_flight: int = 0
    refreshes: int = 0  #: that gave a new pair


@define(eq=False)
class TokenEndpoint:
    """Exchanges codes and rotates refresh tokens. `grace_s` 0: an old one is dead at once."""

    now: Callable[[], datetime]  #: its own clock
    lifetime_s: int = 1800
    grace_s: float = 1800.0
    consents: list[ConsentTruth] = field(factory=list)
    wronged: list[str] = field(factory=list)  #: consents that ended though nobody revoked them, and how
    _codes: dict[str, ConsentTruth] = field(factory=dict)

    def authorise(self, tenants: tuple[str, ...]) -> str:
        """A company says yes. Returns the code that its browser carries."""
        consent = ConsentTruth(len(self.consents), tenants)
        self.consents.append(consent)
        code = f"code-{consent.number}"
        self._codes[code] = consent
        return code

    def first_pair(self, tenants: tuple[str, ...]) -> Pair:
        """A consent together with its first tokens, for a link that is stored as it stands."""
        return self._pair(self._codes.pop(self.authorise(tenants)))

    def exchange(self, code: str) -> Pair | None:
        """The first tokens for a code, which works once. None: `invalid_grant`."""
        consent = self._codes.pop(code, None)
        return None if consent is None else self._pair(consent)

    def refresh(self, token: str) -> Pair | None:
        """New tokens for old ones. None: `invalid_grant`."""
        consent = self.of_refresh(token)
        if consent is None or consent.revoked:
            return None
        if token != consent.refresh and consent.fading.get(token, self.now()) <= self.now():
            consent.revoked = True
            self.wronged.append(f"consent {consent.number}: {token} was used after its grace")
            return None
        consent.refreshes += 1
        return self._pair(consent)

    def of_refresh(self, token: str) -> ConsentTruth | None:
        """Whose refresh token this is, old or new."""
        return next((c for c in self.consents if token in {c.refresh, *c.fading}), None)

    def of_access(self, token: str) -> ConsentTruth | None:
        """The consent that this access token stands for now; using it shows that it arrived."""
        consent = next((c for c in self.consents if token in c.access), None)
        if consent is None or consent.revoked or consent.access[token] <= self.now():
            return None
        if token == f"access-{consent.number}-{consent.given}":
            consent.unconfirmed = False
        return consent

    def revoke(self, tenant: str) -> None:
        """Everybody who lives by a consent to these books has to ask again."""
        for consent in self.consents:
            if tenant in consent.tenants:
                consent.revoked = True

    def expire_access(self, tenant: str) -> None:
        """Access tokens end before their time; the consent stands."""
        for consent in self.consents:
            if tenant in consent.tenants:
                consent.access.clear()

    def _pair(self, consent: ConsentTruth) -> Pair:
        consent.given += 1
        if consent.refresh:
            consent.fading[consent.refresh] = self.now() + timedelta(seconds=self.grace_s)
        name = f"{consent.number}-{consent.given}"
        consent.refresh = f"refresh-{name}"
        consent.access[f"access-{name}"] = self.now() + timedelta(seconds=self.lifetime_s)
        consent.unconfirmed = consent.given > 1
        return Pair(f"access-{name}", consent.refresh, self.lifetime_s)
