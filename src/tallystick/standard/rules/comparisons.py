"""What needs more than one record: sums that two parts of the books tell, and our own figures.

The adding is the engine's, when a sync has ended; here stands what should come of it.
"""

from typing import Final

from tallystick.standard.data_types import DATA_TYPES
from tallystick.standard.rules.rule import Rule

#: What a list is compared with that is no list of ours: the provider's own word for how long it is.
PROVIDER: Final = "provider"


COUNT: Final = Rule(
    number=210,
    types=DATA_TYPES,
    holds="A whole reading gives as many rows as the provider says that the list has.",
)
TRIAL_BALANCE: Final = Rule(
    number=220, types=("journalEntries",), holds="All entries together come to nothing."
)
CONTROL: Final = Rule(
    number=230,
    types=("invoices", "bills"),
    holds="What is open, less credits, is the balance of the account for trade debtors, or creditors.",
)
BALANCES: Final = Rule(
    number=240,
    types=("bankAccounts",),
    holds="An account's balance is the sum of what was posted to it.",
)
LEDGER: Final = Rule(
    number=250,
    types=("balanceSheet", "profitAndLoss"),
    holds="The provider's statement is what the ledger's entries come to, account by account.",
)
ACCOUNTS: Final = Rule(
    number=260,
    types=("balanceSheet",),
    holds="The provider's statement has the balances that its accounts have.",
)
FIGURES: Final = Rule(
    number=900,
    types=DATA_TYPES,
    holds="Every row that was fetched is accounted for: stored, unchanged, refused, gone or without record.",
)
RULES: Final = (COUNT, TRIAL_BALANCE, CONTROL, BALANCES, LEDGER, ACCOUNTS, FIGURES)
