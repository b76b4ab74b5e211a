"""Acts on bank transactions, transfers, manual journals and orders: the books stay in balance."""

from decimal import Decimal
from typing import Final

from attrs import evolve

from tallystick.connectors.sandbox.acts import Acts, Spared, pick
from tallystick.connectors.sandbox.bank_keeper import bank_transaction, journal, order, transfer
from tallystick.connectors.sandbox.bookkeeper import Bookkeeper, sums
from tallystick.connectors.sandbox.books import (
    BankTransaction,
    BankTransactionKind,
    ManualJournal,
    Order,
    OrderKind,
    Transfer,
)
from tallystick.connectors.sandbox.chart import CURRENT, SAVINGS
from tallystick.connectors.sandbox.document_acts import one_more, party


def _reference(keeper: Bookkeeper) -> str:
    return f"Changed {keeper.rng.randrange(10**6)}"


def _some_amount(keeper: Bookkeeper) -> Decimal:
    return Decimal(keeper.rng.randrange(1_000, 500_000)).scaleb(-2)


def bank_transactions(*kinds: BankTransactionKind) -> Acts:
    """Money spent, received, or both in turns. A deleted one stays readable."""

    def create(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        made: list[str] = []
        for place in range(count):
            kind = kinds[place % len(kinds)]
            who = party(keeper, sale=kind == "receive")
            made.append(
                bank_transaction(
                    keeper,
                    kind,
                    purpose="cash_sale" if kind == "receive" else "plain",
                    made_on=keeper.now.date(),
                    party=who,
                    at=keeper.now,
                ).id
            )
        return made

    def live(keeper: Bookkeeper, spared: Spared) -> list[BankTransaction]:
        return [
            found
            for found in keeper.books.bank_transactions.values()
            if found.kind in kinds
            and found.purpose != "refund"  # which of our types it is hangs on the provider
            and found.status == "authorised"
            and found.id not in spared
        ]

    def update(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        chosen = pick(keeper.rng, live(keeper, spared), count)
        for each in chosen:
            lines = one_more(keeper, each.lines, each.basis)
            found = sums(lines, each.basis)
            keeper.books.bank_transactions[each.id] = evolve(
                each,
                lines=lines,
                sub_total=found.sub_total,
                tax=found.tax,
                total=found.total,
                discount=found.discount,
                reference=_reference(keeper),
                updated_at=keeper.now,
            )
        return [each.id for each in chosen]

    def delete(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        create(keeper, count - min(count, len(live(keeper, spared))), ())
        chosen = pick(keeper.rng, live(keeper, spared), count)
        for each in chosen:
            gone = evolve(each, status="deleted", updated_at=keeper.now)
            keeper.books.bank_transactions[each.id] = gone
        return [each.id for each in chosen]

    return Acts(create, update, delete)


def _create_transfers(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    source, target = (keeper.writer.accounts[code] for code in (CURRENT, SAVINGS))
    today = keeper.now.date()
    return [
        transfer(keeper, source, target, _some_amount(keeper), made_on=today, at=keeper.now).id
        for _place in range(count)
    ]


def _live_transfers(keeper: Bookkeeper, spared: Spared) -> list[Transfer]:
    found = keeper.books.transfers.values()
    return [each for each in found if each.status == "authorised" and each.id not in spared]


def _update_transfers(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    chosen = pick(keeper.rng, _live_transfers(keeper, spared), count)
    for each in chosen:
        keeper.books.transfers[each.id] = evolve(
            each,
            from_amount=each.from_amount * 2,
            to_amount=each.to_amount * 2,
            base_amount=each.base_amount * 2,
            reference=_reference(keeper),
            updated_at=keeper.now,
        )
    return [each.id for each in chosen]


def _delete_transfers(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    _create_transfers(keeper, count - min(count, len(_live_transfers(keeper, spared))), ())
    chosen = pick(keeper.rng, _live_transfers(keeper, spared), count)
    for each in chosen:
        keeper.books.transfers[each.id] = evolve(each, status="deleted", updated_at=keeper.now)
    return [each.id for each in chosen]


def _create_journals(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
    made: list[str] = []
    for _place in range(count):
        amount = _some_amount(keeper)
        sides = [("412", amount), ("850", -amount)]
        today = keeper.now.date()
        made.append(journal(keeper, "Accrued costs", sides, posted_on=today, at=keeper.now).id)
    return made


def _live_journals(keeper: Bookkeeper, spared: Spared) -> list[ManualJournal]:
    return [
        each
        for each in keeper.books.manual_journals.values()
        if each.status in {"draft", "posted"} and not each.opening and each.id not in spared
    ]


def _update_journals(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    chosen = pick(keeper.rng, _live_journals(keeper, spared), count)
    for each in chosen:
        keeper.books.manual_journals[each.id] = evolve(
            each,
            lines=tuple(evolve(line, amount=line.amount * 2) for line in each.lines),
            narration=_reference(keeper),
            updated_at=keeper.now,
        )
    return [each.id for each in chosen]


def _delete_journals(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
    _create_journals(keeper, count - min(count, len(_live_journals(keeper, spared))), ())
    chosen = pick(keeper.rng, _live_journals(keeper, spared), count)
    for each in chosen:
        gone = evolve(each, status="deleted", updated_at=keeper.now)
        keeper.books.manual_journals[each.id] = gone
    return [each.id for each in chosen]


def orders(kind: OrderKind) -> Acts:
    """Purchase orders or customers' orders; one that a document came of is left alone."""

    def create(keeper: Bookkeeper, count: int, _: Spared) -> list[str]:
        today = keeper.now.date()
        return [
            order(
                keeper,
                kind,
                party(keeper, sale=kind == "sales_order"),
                issued_on=today,
                status="authorised",
                at=keeper.now,
            ).id
            for _place in range(count)
        ]

    def live(keeper: Bookkeeper, spared: Spared) -> list[Order]:
        return [
            found
            for found in keeper.books.orders.values()
            if found.kind == kind and found.status not in {"billed", "deleted"} and found.id not in spared
        ]

    def update(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        chosen = pick(keeper.rng, live(keeper, spared), count)
        for each in chosen:
            lines = one_more(keeper, each.lines, each.basis)
            found = sums(lines, each.basis)
            keeper.books.orders[each.id] = evolve(
                each,
                lines=lines,
                sub_total=found.sub_total,
                tax=found.tax,
                total=found.total,
                discount=found.discount,
                reference=_reference(keeper),
                updated_at=keeper.now,
            )
        return [each.id for each in chosen]

    def delete(keeper: Bookkeeper, count: int, spared: Spared) -> list[str]:
        create(keeper, count - min(count, len(live(keeper, spared))), ())
        chosen = pick(keeper.rng, live(keeper, spared), count)
        for each in chosen:
            keeper.books.orders[each.id] = evolve(each, status="deleted", updated_at=keeper.now)
        return [each.id for each in chosen]

    return Acts(create, update, delete)


TRANSFERS: Final = Acts(_create_transfers, _update_transfers, _delete_transfers)
JOURNALS: Final = Acts(_create_journals, _update_journals, _delete_journals)
