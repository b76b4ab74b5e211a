"""Fields that QuickBooks sends and that no mapping reads, on purpose. What is not here and not read is new.

`*.Name` is one in any place, `Path.*` all within one. Source: Intuit's API explorer, minor 75.
"""

from typing import Final

_NAMES: Final = """
*.Lat *.Long *.SyncToken *.domain *.sparse *.time APAccountRef ARAccountRef AcctNum Adjustment
AllowIPNPayment AllowOnlineACHPayment AllowOnlineCreditCardPayment AllowOnlinePayment ApplyTaxAfterDiscount
Balance BalanceWithJobs BillAddr BillAddr.* BillEmail BillEmailBcc BillEmailCc BillWithParent
CheckPayment.PrintStatus CompanyAddr.* CompanyAddr.Id CompanyStartDate Country CurrentBalanceWithSubAccounts
CustomField CustomerCommunicationAddr CustomerCommunicationEmailAddr CustomerTypeRef DefaultTaxCodeRef
DeliveryInfo Deposit Email EmailStatus FiscalYearStartMonth FreeFormAddress FullyQualifiedName
GlobalTaxCalculation Header.SummarizeColumnsBy Header.Time HomeBalance HomeTotalAmt InvoiceLink IsProject
Job LegalAddr.* LegalAddr.Id Level
Line.DiscountLineDetail.PercentBased Line.GroupLineDetail.Quantity Line.JournalEntryLineDetail.TaxAmount
Line.JournalEntryLineDetail.TaxApplicableOn Line.LineEx Line.LinkedTxn.TxnLineId
Line.SalesItemLineDetail.ServiceDate Line.SubTotalLineDetail Line.TaxLineDetail NameValue Notes
OtherContactInfo ParentRef PaymentMethodRef PaymentRefNum PreferredDeliveryMethod PrintOnCheckName
PrintStatus ProcessPayment RecurDataRef RemitToAddr ResaleNum SalesTermRef ShipAddr ShipAddr.* ShipDate
ShipFromAddr ShipMethodRef SubAccount SubClass SubDepartment Suffix SupportedLanguages TaxExemptionReasonId
TaxGroup TaxIdentifier Taxable TermRef Title TrackQtyOnHand TrackingNum TransactionLocationType
TxnTaxDetail.TaxLine.DetailType TxnTaxDetail.TaxLine.TaxLineDetail.PercentBased
V4IDPseudonym Vendor1099 WebAddr
"""
LEFT_ALONE: Final = frozenset(_NAMES.split())
