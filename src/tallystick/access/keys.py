"""API keys: how they look, how they are kept, and whose one is."""

import base64
import binascii
import hashlib
import secrets
import uuid
from collections import OrderedDict
from typing import Final

from attrs import define, field, frozen

from tallystick.store import ApiKeyRow, ClientRow, Stores, audit, control
from tallystick.store.sqlcipher import SqliteConnection

_PREFIX: Final = "tally_"
_REMEMBERED: Final = 4096  #: digests of keys seen lately; each costs a look-up through a thread otherwise


@frozen(kw_only=True)
class Principal:
    """Who a request acts for."""

    client_id: str
    key_id: str


@frozen(kw_only=True)
class NewClient:
    """A client that has just been made; its key is shown this once."""

    id: str
    name: str
    api_key: str = field(repr=False)


def new_api_key() -> str:
    """192 random bits behind a prefix that secret scanners can know."""
    return _PREFIX + secrets.token_urlsafe(24)


def digest(api_key: str) -> bytes:
    """What is stored of a key. It is random, so one fast hash is as good as a slow one."""
    return hashlib.blake2b(api_key.encode(), digest_size=32, person=b"tallystick-api").digest()


def key_of_header(authorization: str) -> str | None:
    """The key in `Basic base64(key)`, also in `Basic base64(key:)` and `Bearer key`; None for anything else.

    Source: api-contract §1: the raw key in base64, no colon needed.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    match scheme.lower():
        case "basic":
            try:
                return base64.b64decode(rest.strip(), validate=True).decode().removesuffix(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
        case "bearer":
            return rest.strip()
        case _:
            return None


@define(eq=False)
class Access:
    """Clients and their keys."""

    stores: Stores
    _known: OrderedDict[bytes, Principal] = field(factory=OrderedDict, repr=False)

    async def create_client(
        self, name: str, *, api_key: str | None = None, actor: str = "command line"
    ) -> NewClient:
        """Make a client with its own database key and a first API key (a given one in a demo).

        `actor`: who does it, for the audit log.
        """
        now = self.stores.clock()
        client_id = str(uuid.uuid4())
        secret = api_key or new_api_key()
        client = ClientRow(
            id=client_id, name=name, created_at=now, sealed_key=self.stores.sealed_client_key(client_id)
        )
        key = ApiKeyRow(
            id=str(uuid.uuid4()),
            client_id=client_id,
            name="first key",
            digest=digest(secret),
            hint=secret[-4:],
            created_at=now,
        )
        await self.stores.control.write(_add, client, key, actor)
        return NewClient(id=client_id, name=name, api_key=secret)

    async def authenticate(self, authorization: str) -> Principal | None:
        """Whose key a request carries; None for none that we know."""
        api_key = key_of_header(authorization)
        if not api_key:
            return None
        found = digest(api_key)
        if found in self._known:
            self._known.move_to_end(found)
            return self._known[found]
        row = await self.stores.control.read(control.client_of_digest, found)
        if row is None:
            return None
        principal = Principal(key_id=row[0], client_id=row[1])
        self._known[found] = principal
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return principal


def _add(connection: SqliteConnection, client: ClientRow, key: ApiKeyRow, actor: str) -> None:
    control.add_client(connection, client)
    control.add_api_key(connection, key)
    made = audit.Entry(
        at=client.created_at,
        actor=actor,
        act="client.create",
        subject=client.id,
        detail={"name": client.name},
    )
    audit.append(connection, made)
    first_key = audit.Entry(
        at=key.created_at,
        actor=actor,
        act="api_key.create",
        subject=key.id,
        detail={"clientId": client.id, "hint": key.hint},
    )
    audit.append(connection, first_key)
