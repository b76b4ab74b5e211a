"""The financial statements: balance sheet, profit and loss, cash flow.

Signs: assets, liabilities and equity are positive as they stand on the sheet, income and costs are both
positive, and results are differences, negative for a loss. Amounts are in the books' own currency.
Source: api-contract §3.1; providers §6.6.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.dates import CalendarDate
from tallystick.standard.record import Metadata

ReportBasis = Literal["Unknown", "Accrual", "Cash"]
ReportInput = Literal["Unknown", "Indirect", "Direct"]

_PRESENT: Final = Metadata()


@frozen(kw_only=True)
class ReportLine:
    """One row of a statement, and the rows that it is the sum of."""

    accountId: str | None = None  #: the `id` in `chartOfAccounts`; none for a heading
    name: str | None = None
    value: Decimal  #: with the sign of its section: see the statement
    items: tuple["ReportLine", ...] = ()


@frozen(kw_only=True)
class Statement:
    """What the three statements have in common: one record a connection, hence without an id.

    It is kept under the name of its data type, is replaced as a whole when it is read again, and is never
    deleted. Its periods are as the provider was asked for them, oldest first.
    """

    currency: str  #: ISO 4217, the books' own; `XXX` where the provider does not tell
    mostRecentAvailableMonth: CalendarDate | None = None  #: first day of the last month there is
    earliestAvailableMonth: CalendarDate | None = None  #: first day of the first month there is

    @property
    def id(self) -> str | None:
        """None: there is one."""
        return None

    @property
    def sourceModifiedDate(self) -> datetime | None:  # noqa: N802 - the API's own spelling
        """None: a statement changes with every posting, and providers do not tell."""
        return None

    @property
    def metadata(self) -> Metadata:
        """Never deleted."""
        return _PRESENT


@frozen(kw_only=True)
class BalanceSheetPeriod:
    """The sheet at the end of one day: netAssets = assets - liabilities, which is what equity comes to."""

    date: CalendarDate | None = None  #: at whose end it stands so
    assets: ReportLine | None = None
    liabilities: ReportLine | None = None
    netAssets: Decimal  #: negative where more is owed than owned
    equity: ReportLine | None = None


@frozen(kw_only=True)
class BalanceSheet(Statement):
    """What the company owns and owes, at the ends of its periods."""

    DATA_TYPE: ClassVar[DataType] = "balanceSheet"

    reports: tuple[BalanceSheetPeriod, ...] = ()


@frozen(kw_only=True)
class ProfitAndLossPeriod:
    """What was earned and spent from one day to another, both included.

    grossProfit = income - costOfSales; netOperatingProfit = grossProfit - expenses;
    netOtherIncome = otherIncome - otherExpenses; netProfit = netOperatingProfit + netOtherIncome.
    """

    fromDate: CalendarDate | None = None
    toDate: CalendarDate | None = None
    income: ReportLine | None = None
    costOfSales: ReportLine | None = None
    grossProfit: Decimal  #: negative for a loss
    expenses: ReportLine | None = None
    netOperatingProfit: Decimal  #: negative for a loss
    otherExpenses: ReportLine | None = None
    otherIncome: ReportLine | None = None
    netOtherIncome: Decimal
    netProfit: Decimal  #: negative for a loss


@frozen(kw_only=True)
class ProfitAndLoss(Statement):
    """What the company has earned and spent, period by period."""

    DATA_TYPE: ClassVar[DataType] = "profitAndLoss"

    reportBasis: ReportBasis
    reports: tuple[ProfitAndLossPeriod, ...] = ()


@frozen(kw_only=True)
class CashFlowPeriod:
    """What came in and went out from one day to another, both included."""

    fromDate: CalendarDate | None = None
    toDate: CalendarDate | None = None
    cashReceipts: ReportLine | None = None  #: positive
    cashPayments: ReportLine | None = None  #: positive for money out


@frozen(kw_only=True)
class CashFlowStatement(Statement):
    """What money has come in and gone out, period by period."""

    DATA_TYPE: ClassVar[DataType] = "cashFlowStatement"

    reportBasis: ReportBasis
    reportInput: ReportInput  #: from the result (indirect) or from the cash accounts (direct)
    reports: tuple[CashFlowPeriod, ...] = ()
