"""Linking: from a connection that waits for consent to one whose tokens are stored.

The `state` that travels through the provider's pages is random, single use, an hour long and known here
by its digest only. What must survive until the company comes back (the PKCE verifier, later the tokens
that wait for the choice of a tenant) is sealed in the control database.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from attrs import define, evolve, field, frozen

from tallystick.connectors import Connector, Consent, Tenant, Tokens
from tallystick.engine.grant import stored_tokens
from tallystick.errors import LinkFailed, StoreUnusable
from tallystick.standard import DataType
from tallystick.store import (
    ConnectionRow,
    LinkAttempt,
    Store,
    Stores,
    audit,
    control,
    grants,
    outbox,
    refreshes,
    sync_settings,
)
from tallystick.store import connections as connection_rows
from tallystick.store.sqlcipher import SqliteConnection

_ATTEMPT_LASTS: Final = timedelta(hours=1)
_PURPOSE: Final = "link attempt"


@frozen(kw_only=True)
class LinkDone:
    """A connection is linked."""

    client_id: str
    company_id: str
    connection_id: str
    tenant_name: str
    wanted: tuple[DataType, ...] = ()  #: what is to be read now, in order
    replaced_grant_id: str | None = None  #: of the consent that this one takes the place of


@frozen(kw_only=True)
class TenantChoice:
    """The consent covers several companies' books; somebody has to say which are meant."""

    ticket: str = field(repr=False)  #: single use, to be given back with the choice
    provider: str
    tenants: Sequence[Tenant]


@define(eq=False)
class Linking:
    """The walk through a provider's consent, step by step. Keeps nothing in memory."""

    stores: Stores
    connectors: Mapping[str, Connector]
    http: httpx.AsyncClient
    public_url: str
    note_due: Callable[[str, datetime | None], None]  #: tells the schedule

    async def begin(self, connection_id: str) -> str:
        """The provider's page that the company's browser is sent to. Raises: `KeyError`."""
        found = await self.stores.control.read(control.find_in_directory, connection_id)
        if found is None or found.provider not in self.connectors:
            raise KeyError(connection_id)
        connector = self.connectors[found.provider]
        verifier = secrets.token_urlsafe(64) if connector.auth.pkce else None
        state = await self._keep(found.client_id, connection_id, {"verifier": verifier})
        return connector.auth.authorize_url(self._consent(found.provider, state, verifier))

    async def finish(
        self, provider: str, callback: Mapping[str, str], *, correlation_id: str | None = None
    ) -> LinkDone | TenantChoice:
        """Act on the query with which the provider sent the browser back. Raises: `LinkFailed`.

        `correlation_id`: of the browser's request, for the audit log.
        """
        attempt, kept = await self._take(callback.get("state", ""))
        if "error" in callback:
            raise LinkFailed(reason=f"the provider says: {callback['error'][:200]}")
        connector = self.connectors.get(provider)
        if connector is None or not callback.get("code"):
            raise LinkFailed(reason="the provider's answer has no code")
        consent = self._consent(provider, callback["state"], kept["verifier"])
        tokens = await connector.auth.exchange(self.http, consent, callback)
        self.stores.telemetry.point("link.exchanged")
        tenants = await connector.auth.tenants(self.http, tokens, callback)
        row = await self._row(attempt)
        if row.tenant_id is not None:  # linked before: other books must not get in among these
            tenants = [tenant for tenant in tenants if tenant.id == row.tenant_id]
            if not tenants:
                raise LinkFailed(
                    reason=f"this connection belongs to {row.tenant_name}, and the consent does not cover it"
                )
        if not tenants:
            raise LinkFailed(reason="no company was chosen on the provider's page")
        if len(tenants) == 1:
            return await self._complete(attempt, tokens, tenants[0], correlation_id)
        held = {"tokens": _plain(tokens), "provider": provider, "tenants": {t.id: t.name for t in tenants}}
        ticket = await self._keep(attempt.client_id, attempt.connection_id, held)
        return TenantChoice(ticket=ticket, provider=provider, tenants=tenants)

    async def choose(self, ticket: str, tenant_id: str, *, correlation_id: str | None = None) -> LinkDone:
        """End a link whose consent covers several tenants. Raises: `LinkFailed`."""
        attempt, held = await self._take(ticket)
        name = held.get("tenants", {}).get(tenant_id)
        if name is None:
            raise LinkFailed(reason="the consent does not cover this company")
        tokens = _tokens(held["tokens"])
        return await self._complete(attempt, tokens, Tenant(id=tenant_id, name=name), correlation_id)

    def _consent(self, provider: str, state: str, verifier: str | None) -> Consent:
        redirect_uri = f"{self.public_url}/link/callback/{provider}"
        return Consent(state=state, code_verifier=verifier, redirect_uri=redirect_uri)

    async def _complete(
        self, attempt: LinkAttempt, tokens: Tokens, tenant: Tenant, correlation_id: str | None
    ) -> LinkDone:
        now = self.stores.clock()
        # The directory first: whoever finds it due looks into the file, and learns there of the link.
        await self.stores.control.write(control.note_due, attempt.connection_id, now)
        try:
            async with self.stores.client(attempt.client_id) as store:
                done = await store.write(
                    self._link, store, attempt, tokens, tenant, now=now, correlation_id=correlation_id
                )
            self.stores.telemetry.point("link.stored")
            with suppress(StoreUnusable):  # the link stands, and the directory is mended by who looks
                await self.stores.control.write(_note_linked, attempt.client_id, done.row, now)
        finally:  # whatever becomes of this call, a browser that is gone included, its actor looks
            self.note_due(attempt.connection_id, now)
        return LinkDone(
            client_id=attempt.client_id,
            company_id=done.row.company_id,
            connection_id=done.row.id,
            tenant_name=tenant.name,
            wanted=tuple(done.wanted),
            replaced_grant_id=done.replaced,
        )

    def _link(
        self,
        database: SqliteConnection,
        store: Store,
        attempt: LinkAttempt,
        tokens: Tokens,
        tenant: Tenant,
        *,
        now: datetime,
        correlation_id: str | None,
    ) -> "_Linked":
        """All of a link in one transaction; a link that was renewed reads everything."""
        row, replaced = _link(
            database, store, attempt.connection_id, tokens, tenant, now=now, correlation_id=correlation_id
        )
        supported = self.connectors[row.provider].manifest.data_types
        wanted = refreshes.first_link(database, row.id, row.company_id, supported, now)
        if replaced is not None:
            settings = sync_settings.effective(database, row.company_id)
            wanted = sync_settings.in_order(settings, supported)
        return _Linked(row, wanted, replaced)

    async def _row(self, attempt: LinkAttempt) -> ConnectionRow:
        async with self.stores.client(attempt.client_id) as store:
            row = await store.read(connection_rows.find, attempt.connection_id)
        if row is None:
            raise LinkFailed(reason="the connection has been deleted")
        return row

    async def _keep(self, client_id: str, connection_id: str, held: Mapping[str, Any]) -> str:
        """Seal what is held under a new single-use secret, which is returned."""
        secret = secrets.token_urlsafe(32)
        now = self.stores.clock()
        sealed = self.stores.control.vault.seal(json.dumps(dict(held)).encode(), _PURPOSE)
        attempt = LinkAttempt(
            client_id=client_id,
            connection_id=connection_id,
            sealed=sealed,
            expires_at=now + _ATTEMPT_LASTS,
        )
        await self.stores.control.write(control.begin_link, _digest(secret), attempt, now)
        return secret

    async def _take(self, secret: str) -> tuple[LinkAttempt, dict[str, Any]]:
        now = self.stores.clock()
        attempt = await self.stores.control.write(control.take_link, _digest(secret), now)
        if attempt is None:
            raise LinkFailed(reason="this link has been used already, or it is over an hour old")
        held: dict[str, Any] = json.loads(self.stores.control.vault.open(attempt.sealed, _PURPOSE))
        return attempt, held


@frozen
class _Linked:
    """A link as it is stored."""

    row: ConnectionRow
    wanted: Sequence[DataType]
    replaced: str | None  #: the consent before


def _note_linked(database: SqliteConnection, client_id: str, row: ConnectionRow, now: datetime) -> None:
    control.put_in_directory(database, client_id, row)
    control.note_due(database, row.id, now)


def _link(
    connection: SqliteConnection,
    store: Store,
    connection_id: str,
    tokens: Tokens,
    tenant: Tenant,
    *,
    now: datetime,
    correlation_id: str | None,
) -> tuple[ConnectionRow, str | None]:
    """Tokens, status, announcement and audit entry in one transaction. Also returns the consent before.

    Raises: `LinkFailed` for a deleted connection, and for one that was linked to other books meanwhile.
    """
    before = connection_rows.find(connection, connection_id)
    if before is None:
        raise LinkFailed(reason="the connection has been deleted")
    if before.tenant_id not in (None, tenant.id):
        raise LinkFailed(reason=f"this connection belongs to {before.tenant_name} by now")
    grant_id = str(uuid.uuid4())
    row = evolve(
        before,
        status="Linked",
        reason=None,
        grant_id=grant_id,
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        state=None,
        proposal=None,
    )
    grants.save(
        connection,
        store.vault,
        grant_id=grant_id,
        provider=row.provider,
        tokens=stored_tokens(tokens, version=1),
        now=now,
    )
    connection_rows.save(connection, row)
    if before.grant_id is not None:
        grants.remove_unused(connection, before.grant_id)
    outbox.add(
        connection,
        "connection.reconnected" if before.grant_id else "connection.connected",
        company_id=row.company_id,
        connection_id=row.id,
        body={"connectionId": row.id, "status": row.status},
        now=now,
    )
    entry = audit.Entry(
        at=now,
        actor="company",
        act="connection.relink" if before.grant_id else "connection.link",
        subject=row.id,
        detail={"provider": row.provider, "tenantId": tenant.id, "grantId": grant_id},
        correlation_id=correlation_id,
    )
    audit.append(connection, entry)
    return row, before.grant_id


def _digest(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"tallystick-link").digest()


def _plain(tokens: Tokens) -> dict[str, Any]:
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "expires_at": tokens.expires_at.isoformat(),
        "scope": tokens.scope,
    }


def _tokens(plain: Mapping[str, Any]) -> Tokens:
    return Tokens(
        access=plain["access"],
        refresh=plain["refresh"],
        expires_at=datetime.fromisoformat(plain["expires_at"]),
        scope=plain["scope"],
    )
