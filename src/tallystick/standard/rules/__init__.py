"""The rules of the standard model: what is so in books that are well, whoever keeps them.

Pure: a record in, findings out. No rule ever raises, changes a record, or tells more than the names of
figures and by how much they differ. The ids are public: a number keeps its meaning, and the number of a rule
that has gone is not given to another.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tallystick.standard.data_types import DataType
from tallystick.standard.record import StandardRecord
from tallystick.standard.rules import (
    comparisons,
    documents,
    ledger,
    numbers,
    payments,
    references,
    statements,
)
from tallystick.standard.rules.comparisons import FIGURES
from tallystick.standard.rules.rule import Finding, Findings, Rule, noun_of

__all__ = [
    "FIGURES",
    "RULES",
    "RULE_IDS",
    "Finding",
    "Findings",
    "Rule",
    "comparisons",
    "doubtful",
    "noun_of",
    "numbers",
    "references",
]

#: Every rule, family by family.
RULES: Final[tuple[Rule, ...]] = (
    *documents.RULES,
    *numbers.RULES,
    *references.RULES,
    *payments.RULES,
    *ledger.RULES,
    *statements.RULES,
    *comparisons.RULES,
)
#: Every id that a finding may have.
RULE_IDS: Final[frozenset[str]] = frozenset(rule.id_for(t) for rule in RULES for t in rule.types)

#: Of documents, `documents.FORMS` tells how they are looked at.
_LOOKS: Final[Mapping[DataType, Callable[[Any, Findings], None]]] = MappingProxyType(
    {
        "itemReceipts": documents.look_at_receipt,
        "payments": payments.look,
        "billPayments": payments.look,
        "journalEntries": ledger.look_at_entry,
        "chartOfAccounts": ledger.look_at_account,
        "bankAccounts": ledger.look_at_bank_account,
        "accountTransactions": ledger.look_at_account_transaction,
        "bankTransactions": ledger.look_at_bank_transaction,
        "transfers": ledger.look_at_transfer,
        "taxRates": ledger.look_at_tax_rate,
        **dict.fromkeys(statements.STATEMENTS, statements.look),
    }
)
_NOTHING: Final = ()


def doubtful(record: StandardRecord) -> Sequence[Finding]:
    """What one record says that cannot be so; nothing of a record that is deleted or void.

    Amounts so far apart that they cannot be added are not judged. Cost: about 2 µs for an invoice of three
    lines that adds up.
    """
    kind = record.DATA_TYPE
    form = documents.FORMS.get(kind)
    try:
        if form is not None and documents.is_well(record, form):
            return _NOTHING
        return _found(record, kind, form)
    except ArithmeticError:
        return _NOTHING


def _found(record: StandardRecord, kind: DataType, form: documents.Form | None) -> list[Finding]:
    look = _LOOKS.get(kind)
    if (form is None and look is None) or record.metadata.isDeleted:
        return []
    if getattr(record, "status", None) == "Void":
        return []
    findings = Findings(kind)
    if form is not None:
        documents.look(record, form, findings)
    elif look is not None:
        look(record, findings)
    return findings.found
