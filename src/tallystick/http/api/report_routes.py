"""The operations that read the books otherwise than record by record: a part of the table in `routes`.

Their paths are within those of records (`…/data/{dataType}/…`), so they stand before them in the table.
"""

from typing import Final

from tallystick.http.api import aged, bank_transactions, statements
from tallystick.http.api.call import Operation
from tallystick.http.api.paths import COMPANY, CONNECTION
from tallystick.http.api.type_names import STATEMENT_TYPES
from tallystick.standard import (
    RECORD_CLASSES,
    AgedCreditorReport,
    AgedDebtorReport,
    BankTransaction,
)

REPORT_OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        id="get-statement",
        method="GET",
        path=COMPANY + "/data/financials/{dataType}",
        handler=statements.get_statement,
        summary="Get a financial statement",
        tag="Accounting",
        parameters=("periodLength", "periodsToCompare", "startMonth"),
        choices={name: RECORD_CLASSES[name] for name in sorted(STATEMENT_TYPES)},
        errors=(400, 401, 404, 409, 429),
    ),
    Operation(
        id="get-aged-debtors",
        method="GET",
        path=COMPANY + "/reports/agedDebtor",
        handler=aged.aged_debtors,
        summary="Get what customers owe, by age",
        tag="Accounting",
        parameters=("reportDate", "numberOfPeriods", "periodLengthDays"),
        answer=AgedDebtorReport,
        errors=(400, 401, 404, 429),
    ),
    Operation(
        id="get-aged-debtors-available",
        method="GET",
        path=COMPANY + "/reports/agedDebtor/available",
        handler=aged.aged_debtors_available,
        summary="Whether what customers owe can be told",
        tag="Accounting",
        answer=bool,
    ),
    Operation(
        id="get-aged-creditors",
        method="GET",
        path=COMPANY + "/reports/agedCreditor",
        handler=aged.aged_creditors,
        summary="Get what suppliers are owed, by age",
        tag="Accounting",
        parameters=("reportDate", "numberOfPeriods", "periodLengthDays"),
        answer=AgedCreditorReport,
        errors=(400, 401, 404, 429),
    ),
    Operation(
        id="get-aged-creditors-available",
        method="GET",
        path=COMPANY + "/reports/agedCreditor/available",
        handler=aged.aged_creditors_available,
        summary="Whether what suppliers are owed can be told",
        tag="Accounting",
        answer=bool,
    ),
    Operation(
        id="list-bank-transactions",
        method="GET",
        path=CONNECTION + "/data/bankAccounts/{accountId:path}/bankTransactions",
        handler=bank_transactions.list_of_account,
        summary="List a bank account's transactions",
        tag="Accounting",
        parameters=("page", "pageSize", "query", "orderBy"),
        answer=BankTransaction,
        is_page=True,
        errors=(400, 401, 404, 409, 429),
    ),
)
