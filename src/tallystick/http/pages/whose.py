"""Whose a company is: the pages have no API key that would say so."""

from collections import OrderedDict
from typing import Final

from attrs import define, field

from tallystick.store import Company, Stores, companies, control

_REMEMBERED: Final = 10_000
_SEARCHED: Final = 64  #: client files opened for one look-up; the oldest clients' first


@define(eq=False)
class Whose:
    """Finds companies without knowing their client.

    A company with a connection is in the directory: one seek. Without one, client files are searched in turn,
    up to a bound; what is found is remembered.
    """

    stores: Stores
    _found: OrderedDict[str, str] = field(factory=OrderedDict, repr=False)

    async def company(self, company_id: str) -> tuple[str, Company] | None:
        """The client's id and the company; None where there is none (or past the bound)."""
        client_id = self._found.get(company_id)
        client_id = client_id or await self.stores.control.read(control.client_of_company, company_id)
        if client_id is not None:
            company = await self._in(client_id, company_id)
            return None if company is None else (client_id, company)
        clients = await self.stores.control.read(control.list_clients)
        for client in clients[:_SEARCHED]:
            company = await self._in(client.id, company_id)
            if company is not None:
                self._remember(company_id, client.id)
                return client.id, company
        return None

    async def _in(self, client_id: str, company_id: str) -> Company | None:
        async with self.stores.client(client_id) as store:
            return await store.read(companies.find, company_id)

    def _remember(self, company_id: str, client_id: str) -> None:
        self._found[company_id] = client_id
        if len(self._found) > _REMEMBERED:
            self._found.popitem(last=False)
