"""Writes `docs/data-quality.md` from the rules and from what the engine compares; a test compares the two."""

import sys
from pathlib import Path
from typing import Final

from tallystick.engine.comparing import WAYS
from tallystick.standard.rules import RULES, Rule
from tallystick.standard.rules.comparisons import PROVIDER
from tallystick.store.issues import REJECTED_KEPT, WARNINGS_KEPT

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "data-quality.md"
HEAD: Final = f"""\
# Data quality

What a provider tells is kept as it tells it. What cannot be so is said beside it: a **warning** where the
record is kept, an **error** where it had to be left out. A dataset with warnings is complete.

- `GET /companies/{{companyId}}/sync/{{datasetId}}/validation`: what a dataset met, in Codat's shape, with a
  `summary` of how often. Of each rule {WARNINGS_KEPT} warnings are told one by one, and {REJECTED_KEPT}
  refused records; the rest is counted, and an item says so.
- `GET /companies/{{companyId}}/data/{{dataType}}/{{id}}/validation`: one record's own (beyond Codat).
- `GET /data/companies/{{companyId}}/assess/dataTypes/{{dataType}}/dataIntegrity/status`, `…/summaries`,
  `…/details`: how lists agree with each other and with the provider's own totals and statements.

A doubt is renewed whenever its record is met, and gone when the record is well or gone. References and
numbers borne twice are looked for when a sync has ended: references among all that was read, numbers
among what one reading of a list has met. What rounding explains is not doubted: half a unit of the currency
for each amount that is added up. Nothing is said of deleted and void documents.

Every row that a provider sends is accounted for: `fetched = created + updated + unchanged + repeated +
rejected + told gone + without a record of that type`, checked in the transaction that ends the dataset.

This page is written by `.venv/bin/python tools/rules_table.py`; do not edit it.

## Rules

An id is `accounting-`, the record's kind, and the rule's number: `accounting-invoice-010`. All are warnings.

| rule | holds | data types |
| --- | --- | --- |
"""
MIDDLE: Final = f"""
## Comparisons

Made when a sync has ended, where one of the lists has changed; `against` is the `type` in the answers. What
cannot be compared is not: a ledger of manual entries alone is not held against a statement, nor are open
amounts of other currencies against an account. `{PROVIDER}` is the provider's own total of a list's rows.

| data type | against | rule | reads |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    rules = "".join(_row(rule) for rule in RULES)
    ways = "".join(
        f"| `{way.data_type}` | `{way.against}` | `{way.rule.id_for(way.data_type)}` | "
        f"{', '.join(f'`{each}`' for each in way.reads)} |\n"
        for way in sorted(WAYS, key=lambda way: (way.data_type, way.against))
    )
    counted = f"| every list | `{PROVIDER}` | `accounting-…-210` | rows of the latest whole reading |\n"
    return HEAD + rules + MIDDLE + ways + counted


def _row(rule: Rule) -> str:
    ids = ", ".join(f"`{rule.id_for(data_type)}`" for data_type in rule.types)
    every = "every type" if len(rule.types) > 20 else ids
    return f"| {rule.number:03} | {rule.holds} | {every} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
