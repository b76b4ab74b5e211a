"""Writes docs/compatibility.md from the table of operations that the API serves."""

import sys
from pathlib import Path
from typing import Final

from tallystick.http.api import OPERATIONS

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "compatibility.md"

_HEAD: Final = """\
# Compatibility with Codat's SDKs

Tested, unmodified, against a running engine: `codat-platform` 6.0.0 and `codat-lending` 12.0.0. They need the
server's URL and the API key in base64.

Not there yet: webhooks, API keys through the API, sync settings, profile, products, push (writing back),
attachments, and the data types of other kinds of provider. A data type that is known and not served answers
404 with Codat's words, `Datatype [x] not supported by platform(s) [y]`.

Also not there yet: `Idempotency-Key` is not looked at; a second accounting connection of a company is not
refused while one is linked; `dataConnectionErrors` have no `erroredOnUtc`.

Statements and aged reports, where Codat's papers leave it open: `startMonth` is the month that the latest
period ends in, the newest there is without it; a period is given with the days that are stored of it, without
a gap, and left out where there are none; an aged report counts what bears a day before `reportDate`, by that
day, has as many periods as asked for with all that is older in the last, and answers 404 until all that it is
made of was read.

Where Codat's papers leave it open: a refresh that is under way and a connection that is not linked answer
400; `Retry-After` is at most 60 seconds, since urllib3 inside the SDKs sleeps all of it
(`X-Rate-Limit-Reset` tells the truth); a data set that was read to its end and had to leave a record out
(`MapError`) is readable; a page beyond the last one is empty; the order is that in which records came.

Beyond Codat: `POST /companies/{companyId}/data/queue/accounts` is taken like `…/chartOfAccounts`, and so
are the two words in paths of records. Refreshing a data type refreshes what shares its list at the
provider (invoices and bills at Xero), and each has a dataset in the history. Values of custom records may be
texts, numbers and lists, where the SDKs' own class expects objects. `…/source` and `…/validation` of a record
tell where it comes from, and what is doubted about it.

This page is written by `.venv/bin/python tools/compatibility_table.py`; do not edit it.

| operation | method | path | answers |
|---|---|---|---|
"""


def page() -> str:
    """The whole page: one row an operation, in the order in which they are served."""
    rows = (
        f"| {operation.summary} | {operation.method} | `{operation.path}` | {operation.status} |\n"
        for operation in OPERATIONS
    )
    return _HEAD + "".join(rows)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
