"""Reads FreeAgent's reports, a period an answer, and joins them in one page.

The profit and loss comes in two answers a month: its own summary, which tells sums only, and the trial
balance of the same days, which tells them by category. Source: providers §§2.5, 6.6.
"""

from datetime import date, timedelta
from typing import Final

import httpx
import msgspec

from tallystick.connectors.contract import Calls, Page
from tallystick.connectors.fingerprints import fingerprint
from tallystick.connectors.freeagent.envelope import rows_of, unreadable
from tallystick.connectors.freeagent.listings import BALANCE_SHEET, PROFIT_AND_LOSS
from tallystick.connectors.http_times import http_date
from tallystick.connectors.unreadable import UNREADABLE, why

#: As many as the other providers' reports have.
_MONTHS: Final = 12
_ANY_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def months(today: date) -> list[tuple[date, date]]:
    """The first and the last day of each of the twelve months up to this one, oldest first.

    Of this month the last day is today: it is not over.
    """
    found = [(today.replace(day=1), today)]
    while len(found) < _MONTHS:
        last = found[-1][0] - timedelta(days=1)
        found.append((last.replace(day=1), last))
    return found[::-1]


async def profit_and_loss(calls: Calls, today: date) -> Page:
    """A page of one row. Cost: two calls a month. Raises: `PageUnreadable`; what `calls.get` raises."""
    periods, answers = [], []
    for first, last in months(today):
        params = {"from_date": first.isoformat(), "to_date": last.isoformat()}
        summary = await calls.get("accounting/profit_and_loss/summary", params=params)
        by_category = await calls.get("accounting/trial_balance/summary", params=params)
        answers += [summary, by_category]
        told = _whole(summary, PROFIT_AND_LOSS), _whole(by_category, PROFIT_AND_LOSS)
        periods.append(b'{"summary":%b,"by_category":%b}' % told)
    return _joined(PROFIT_AND_LOSS, periods, answers[-1])


async def balance_sheet(calls: Calls, today: date) -> Page:
    """A page of one row. Cost: a call a month. Raises: as `profit_and_loss`."""
    periods, answers = [], []
    for _, last in months(today):
        answers.append(await calls.get("accounting/balance_sheet", params={"as_at_date": last.isoformat()}))
        periods.append(_whole(answers[-1], BALANCE_SHEET))
    return _joined(BALANCE_SHEET, periods, answers[-1])


def _whole(response: httpx.Response, resource: str) -> bytes:
    """An answer's bytes, before they are put among others. Raises: `PageUnreadable` for no JSON object."""
    content = response.content
    try:
        _ANY_OBJECT.decode(content)
    except UNREADABLE as error:
        html = content.lstrip()[:1] == b"<"
        raise unreadable(resource, "it is an HTML page, not JSON" if html else why(error), content) from error
    return content


def _joined(resource: str, periods: list[bytes], last: httpx.Response) -> Page:
    raw = b'{"periods":[%b]}' % b",".join(periods)
    return Page(
        raw=raw,
        records=rows_of(resource, raw),
        next=None,
        fingerprint=fingerprint(raw),
        provider_time=http_date(last.headers.get("Date", "")),
    )
