"""What FreeAgent's movements at the bank were for: which of our data types an explanation is.

An explanation pays an invoice or a bill, is an end of a transfer, or names a category: then it is a cost or
an income of its own. Source: providers §§2.5, 6.4, 6.5.
"""

from decimal import Decimal
from typing import Final, Literal

from tallystick.connectors.freeagent import wire_bank
from tallystick.connectors.freeagent.ledger import kind_of
from tallystick.connectors.freeagent.words import id_of
from tallystick.standard import ZERO

Meaning = Literal["payments", "billPayments", "transfers", "directCosts", "directIncomes"]

#: How what was paid is called on the way to it, where FreeAgent tells invoices and credit notes apart.
CREDIT_NOTES: Final = "credit_notes"


def meaning_of(source: wire_bank.Explanation, amount: Decimal) -> Meaning:
    """Which data type it is; `amount`: as FreeAgent signs it.

    A category of income is an income even where money goes out, since it is then given back; one of expenses
    likewise. Of all others, and where there is none, the way of the money decides.
    """
    if source.paid_invoice:
        return "payments"
    if source.paid_bill:
        return "billPayments"
    if source.linked_transfer_account or source.transfer_bank_account or source.linked_transfer_explanation:
        return "transfers"
    match kind_of(id_of(source.category))[0]:
        case "Income":
            return "directIncomes"
        case "Expense":
            return "directCosts"
        case _:
            return "directCosts" if amount < ZERO else "directIncomes"
