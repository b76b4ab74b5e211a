"""What a rule is, and what it finds. A finding is a warning: the record is kept as the provider told it."""

import re
from typing import Final, Literal

from attrs import define, field, frozen

from tallystick.standard.data_types import DataType

Severity = Literal["warning"]

#: Data types whose rules go by another word, as the contract's own do.
_NOUNS: Final[dict[str, str]] = {
    "balanceSheet": "balance-sheet",
    "chartOfAccounts": "account",
    "journalEntries": "journal-entry",
    "profitAndLoss": "profit-and-loss",
    "trackingCategories": "tracking-category",
}
_CAPITAL: Final = re.compile(r"(?=[A-Z])")


@frozen(kw_only=True)
class Rule:
    """Something that holds for every record of some data types, unless the books or the mapping are wrong."""

    number: int  #: the last part of its ids; for ever
    holds: str  #: what is so in a record that is well, as a sentence
    types: tuple[DataType, ...]
    severity: Severity = "warning"

    def id_for(self, data_type: DataType) -> str:
        """Its name for one data type, such as `accounting-invoice-010`: public and stable."""
        return f"accounting-{noun_of(data_type)}-{self.number:03}"


def noun_of(data_type: DataType) -> str:
    """One record of a data type, as ids of rules say it: `bill-credit-note`."""
    return _NOUNS.get(data_type) or _CAPITAL.sub("-", data_type.removesuffix("s")).lower()


@frozen
class Finding:
    """A rule that a record does not keep."""

    rule_id: str
    path: str  #: in our record: `$.lineItems[2].subTotal`
    message: str  #: names of figures and their differences, never a name or a text of the books
    other: str | None = None  #: the record that it is about as well: data type, `/`, id


@define
class Findings:
    """Where the findings of one record go."""

    data_type: DataType
    found: list[Finding] = field(factory=list)

    def add(self, rule: Rule, path: str, message: str) -> None:
        """The record does not keep the rule."""
        self.found.append(Finding(rule.id_for(self.data_type), path, message))
