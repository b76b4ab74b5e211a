"""Xero's transfers between the company's own accounts. Source: providers §§2.1, 2.2."""

from decimal import Decimal

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.xero import wire, wire_bank
from tallystick.connectors.xero.tracking import category_refs
from tallystick.connectors.xero.words import GONE, PRESENT, day, instant
from tallystick.standard import (
    ONE,
    StandardRecord,
    Transfer,
    TransferAccount,
    TransferAccountRef,
    TransferStatus,
)


def transfer(source: wire_bank.BankTransfer, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A transfer. Xero tells the amount that left, and no currency of either account."""
    doubts.data_type = "transfers"
    same = source.CurrencyRate is None or source.CurrencyRate == ONE
    from_tracking = category_refs(source.FromTracking, "$.FromTracking", doubts)
    to_tracking = category_refs(source.ToTracking, "$.ToTracking", doubts)
    both = {ref.id: ref for ref in (*from_tracking, *to_tracking)}
    return [
        Transfer(
            id=source.BankTransferID,
            description=source.Reference or None,
            # The only day of Xero's whose text may bear a time: it is the company's own, without a zone.
            date=day((source.DateString or "")[:10], source.Date, "$.Date", doubts),
            from_=_end(source.FromBankAccount, source.Amount),
            to=_end(source.ToBankAccount, source.Amount if same else None),
            status=_status(source),
            trackingCategoryRefs=tuple(both.values()),
            sourceModifiedDate=instant(
                source.CreatedDateUTC, source.CreatedDateUTCString, "$.CreatedDateUTC", doubts
            ),
            metadata=GONE if source.Status == "DELETED" else PRESENT,
        )
    ]


def _end(account: wire.PaymentAccount | None, amount: Decimal | None) -> TransferAccount:
    told = account or wire.PaymentAccount()
    return TransferAccount(
        accountRef=TransferAccountRef(id=told.AccountID, name=told.Name or None, dataType="bankAccounts")
        if told.AccountID
        else None,
        amount=amount,
    )


def _status(source: wire_bank.BankTransfer) -> TransferStatus:
    """Reconciled when both ends are."""
    if source.Status == "DELETED":
        return "Void"
    if source.FromIsReconciled is None or source.ToIsReconciled is None:
        return "Unknown"
    return "Reconciled" if source.FromIsReconciled and source.ToIsReconciled else "Unreconciled"
