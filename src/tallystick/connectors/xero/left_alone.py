"""Fields that Xero sends and that no mapping reads, on purpose. What is not here and not read is new.

`*.Name` is one in any place, `Path.*` all within one. Source: Xero's OpenAPI 16.1.
"""

from typing import Final

_NAMES: Final = """
*.Attachments *.HasAttachments *.HasErrors *.HasValidationErrors *.StatusAttributeString *.ValidationErrors
*.ValidationStatus *.Warnings APIKey AccountNumber AccountsPayableTaxType AccountsReceivableTaxType
AddToWatchlist Addresses.AttentionTo Allocations.AllocationID Allocations.Invoice.LineItems Balances
BankAccountDetails BatchPayment BatchPaymentID BatchPayments BrandingTheme BrandingThemeID CISRate
CanApplyToAssets CanApplyToEquity CanApplyToExpenses CanApplyToLiabilities CanApplyToRevenue Class Contact.*
ContactGroups ContactNumber ContactPersons.IncludeInEmails CountryCode CreatedDateUTC CreditNote.*
CreditNotes.ID CreditNotes.LineItems DefaultPurchasesTax DefaultSalesTax DeliveryAddress Discount DueDate
DueDateString Edition EmployerIdentificationNumber EnablePaymentsToAccount ExpectedPaymentDate
ExpectedPaymentDateString ExternalLinkProviderName Fields FromBankTransactionID HasAccount ID
InventoryAssetAccountCode Invoice Invoice.* InvoiceAddresses IsDemoCompany IsDiscounted IsTrackedAsInventory
JournalLines.AccountName JournalLines.AccountType JournalLines.GrossAmount JournalLines.IsBlank
JournalLines.JournalLineID JournalLines.TaxAmount JournalLines.TaxName JournalLines.TaxType LineAmountTypes
LineItems LineItems.AccountId LineItems.Item.Code LineItems.LineItemID LinkedTransactionID Options.IsActive
Options.IsArchived Options.IsDeleted OrganisationEntityType OrganisationStatus OrganisationType
Overpayment.* PaymentTerms Payments.HasAccount PaysTax PlannedPaymentDate PlannedPaymentDateString
Prepayment.* PurchasesDefaultAccountCode PurchasesDefaultLineAmountType PurchasesTrackingCategories
QuantityOnHand RemainingCredit RepeatingInvoiceID ReportDate ReportTaxType ReportType ReportingCode
ReportingCodeName ReportingCodeUpdatedUTC SalesDefaultAccountCode SalesDefaultLineAmountType SalesTaxBasis
SalesTaxPeriod SalesTrackingCategories SentToContact ShortCode ShowInExpenseClaims ShowOnCashBasisReports
SkypeUserName SubTotal SystemAccount TaxComponents.IsNonRecoverable TaxNumbeType TaxNumberType TaxType
Timezone ToBankTransactionID TotalCostPool TotalTax TrackingCategoryName TrackingCategoryOption Type
UpdatedDateUTC Version Website XeroNetworkKey
"""
LEFT_ALONE: Final = frozenset(_NAMES.split())
