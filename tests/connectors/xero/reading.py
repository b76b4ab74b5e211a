"""Companies of the made-up Xero, read by an app that may read the whole ledger, or may not."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.connectors.through_the_engine import Reading, whole_books

from tallystick.connectors.xero.manifest import JOURNALS_SCOPE, SCOPES


def reading(
    folder: Path, *, companies: int = 1, records: int = 40, journals: bool = False
) -> AbstractAsyncContextManager[Reading]:
    """Company by company, each wholly read. `journals`: by an app that may read the whole ledger."""
    return whole_books(
        folder,
        ["xero"],
        companies=companies,
        records=records,
        quirks_off=(6,) if journals else (),
        scopes=(*SCOPES, JOURNALS_SCOPE) if journals else None,
    )
