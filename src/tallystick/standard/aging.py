"""Aged debtors and creditors: what is open, by who owes it, in which currency, and since when.

By the day that a document bears, not the day that it is due. A report tells of the eve of its day: what bears
that day is not counted, as in the contract's own reports; to include today, ask for tomorrow.
Source: the contract's words on the two reports (api-contract §3).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import define, field, frozen

from tallystick.standard.aged_reports import (
    AgedCreditor,
    AgedCurrencyOutstanding,
    AgedDebtor,
    AgedOutstandingAmount,
    AgedOutstandingAmountDetail,
)
from tallystick.standard.dates import CalendarDate, calendar_day
from tallystick.standard.money import ZERO, plus
from tallystick.standard.open_amounts import OpenAmount

_NOTHING: Final[Mapping[str, Decimal]] = {}


@frozen(kw_only=True)
class Ages:
    """The periods of a report, the latest first; the oldest has no beginning."""

    until: date  #: the report's day: the first that is not counted
    days: int  #: how long a period is
    count: int  #: how many there are, the oldest among them

    def place(self, day: str) -> int:
        """Which of them a day before `until` is in."""
        ago = self.until.toordinal() - 1 - date.fromisoformat(day[:10]).toordinal()
        return max(0, min(ago // self.days, self.count - 1))

    def bounds(self, place: int) -> tuple[CalendarDate | None, CalendarDate]:
        """The first day of one of them (none for the oldest), and the day after its last."""
        first = None if place == self.count - 1 else self._back(place + 1)
        return first, self._back(place)

    def _back(self, periods: int) -> CalendarDate:
        return calendar_day(date.fromordinal(self.until.toordinal() - periods * self.days))


#: What is open in one period, by the word of the report for it.
_Period = dict[str, Decimal]


@define
class _Party:
    name: str | None = None
    currencies: dict[str, dict[int, _Period]] = field(factory=dict)


@define(eq=False)
class Aging:
    """What is open in one connection's books, added up. Its rows are in the order of their names."""

    ages: Ages
    words: Sequence[str]  #: what amounts are told under, in the report's order
    currency: str  #: of documents that do not tell theirs
    _parties: dict[str | None, _Party] = field(factory=dict, init=False)
    _places: dict[str | None, int] = field(factory=dict, init=False)

    def add(self, word: str, amounts: Iterable[OpenAmount]) -> None:
        """Add open amounts under one of the words. One without a day is in the oldest period."""
        for each in amounts:
            party = self._parties.get(each.party.id)
            if party is None:
                party = self._parties[each.party.id] = _Party()
            party.name = party.name or each.party.name
            periods = party.currencies.setdefault(each.currency or self.currency, {})
            period = periods.setdefault(self._place(each.day), {})
            period[word] = plus(period.get(word, ZERO), each.amount)

    def nameless(self) -> list[str]:
        """The ids of whom no document has named."""
        return [identity for identity, party in self._parties.items() if identity and not party.name]

    def name(self, identity: str, name: str | None) -> None:
        """Name one of them."""
        self._parties[identity].name = name

    def debtors(self) -> list[AgedDebtor]:
        """The rows of a report on customers: those with something open."""
        return [
            AgedDebtor(customerId=identity, customerName=name, agedCurrencyOutstanding=told)
            for identity, name, told in self._rows()
        ]

    def creditors(self) -> list[AgedCreditor]:
        """The rows of a report on suppliers."""
        return [
            AgedCreditor(supplierId=identity, supplierName=name, agedCurrencyOutstanding=told)
            for identity, name, told in self._rows()
        ]

    def _place(self, day: str | None) -> int:
        place = self._places.get(day)
        if place is None:
            place = self.ages.count - 1 if day is None else self.ages.place(day)
            self._places[day] = place
        return place

    def _rows(self) -> list[tuple[str | None, str | None, tuple[AgedCurrencyOutstanding, ...]]]:
        bounds = [self.ages.bounds(place) for place in range(self.ages.count)]
        found = []
        for identity, party in self._parties.items():
            told = tuple(
                AgedCurrencyOutstanding(
                    currency=currency,
                    agedOutstandingAmounts=tuple(
                        self._amount(first, last, periods.get(place, _NOTHING))
                        for place, (first, last) in enumerate(bounds)
                    ),
                )
                for currency, periods in sorted(party.currencies.items())
                if _is_open(periods.values())
            )
            if told:
                found.append((identity, party.name, told))
        return sorted(found, key=lambda row: ((row[1] or "").casefold(), row[0] or ""))

    def _amount(
        self, first: CalendarDate | None, last: CalendarDate, period: Mapping[str, Decimal]
    ) -> AgedOutstandingAmount:
        total = ZERO
        for amount in period.values():
            total = plus(total, amount)
        return AgedOutstandingAmount(
            fromDate=first,
            toDate=last,
            amount=total,
            details=tuple(
                AgedOutstandingAmountDetail(name=word, amount=period[word])
                for word in self.words
                if period.get(word)
            ),
        )


def _is_open(periods: Iterable[_Period]) -> bool:
    return any(amount for period in periods for amount in period.values())
