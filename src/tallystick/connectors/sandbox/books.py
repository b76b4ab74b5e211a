"""A company's books in nobody's dialect: what the sandboxes of all providers render.

Records are frozen; a change puts a new record in the old one's place, so that a rendered row is good
for as long as the record it was made from is still the one in the books.
"""

from collections.abc import Callable
from datetime import datetime

from attrs import define, evolve, field

from tallystick.connectors.sandbox.bank_records import (
    BankStatus,
    BankTransaction,
    BankTransactionKind,
    JournalLine,
    JournalStatus,
    ManualJournal,
    Purpose,
    Transfer,
)
from tallystick.connectors.sandbox.document_records import (
    CREDITS,
    POSTED,
    SALES,
    Allocation,
    Application,
    Document,
    DocumentKind,
    DocumentStatus,
    Line,
    OnAccount,
    OnAccountKind,
    OnAccountStatus,
    Order,
    OrderKind,
    OrderStatus,
    Payment,
    PaymentBatch,
    PaymentKind,
    PaymentStatus,
    Side,
)
from tallystick.connectors.sandbox.list_records import (
    Account,
    AccountKind,
    BankKind,
    Contact,
    Employee,
    Item,
    ItemKind,
    ListStatus,
    MethodKind,
    Organisation,
    PaymentMethod,
    TaxComponent,
    TaxRate,
    TaxRegime,
    TrackingCategory,
    TrackingKind,
    TrackingOption,
)

__all__ = [
    "CREDITS",
    "POSTED",
    "SALES",
    "Account",
    "AccountKind",
    "Allocation",
    "Application",
    "BankKind",
    "BankStatus",
    "BankTransaction",
    "BankTransactionKind",
    "Books",
    "Contact",
    "Document",
    "DocumentKind",
    "DocumentStatus",
    "Employee",
    "Item",
    "ItemKind",
    "JournalLine",
    "JournalStatus",
    "Line",
    "ListStatus",
    "ManualJournal",
    "MethodKind",
    "OnAccount",
    "OnAccountKind",
    "OnAccountStatus",
    "Order",
    "OrderKind",
    "OrderStatus",
    "Organisation",
    "Payment",
    "PaymentBatch",
    "PaymentKind",
    "PaymentMethod",
    "PaymentStatus",
    "Purpose",
    "Side",
    "TaxComponent",
    "TaxRate",
    "TaxRegime",
    "TrackingCategory",
    "TrackingKind",
    "TrackingOption",
    "Transfer",
]


@define(eq=False, kw_only=True)
class Books:
    """All records of a company by id, and what belongs to what. `revision` moves with every change."""

    organisation: Organisation
    accounts: dict[str, Account] = field(factory=dict)
    tax_rates: dict[str, TaxRate] = field(factory=dict)  #: by code
    items: dict[str, Item] = field(factory=dict)
    contacts: dict[str, Contact] = field(factory=dict)
    employees: dict[str, Employee] = field(factory=dict)
    payment_methods: dict[str, PaymentMethod] = field(factory=dict)
    tracking_categories: dict[str, TrackingCategory] = field(factory=dict)  #: two of them
    tracking_options: dict[str, TrackingOption] = field(factory=dict)
    documents: dict[str, Document] = field(factory=dict)
    orders: dict[str, Order] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    payments_of: dict[str, list[str]] = field(factory=dict)  #: document id to payment ids
    batches: dict[str, PaymentBatch] = field(factory=dict)
    allocations_of: dict[str, list[Allocation]] = field(factory=dict)  #: by both documents' ids
    on_account: dict[str, OnAccount] = field(factory=dict)
    #: By the id of the payment on account, and by that of the document.
    applications_of: dict[str, list[Application]] = field(factory=dict)
    bank_transactions: dict[str, BankTransaction] = field(factory=dict)
    transfers: dict[str, Transfer] = field(factory=dict)
    manual_journals: dict[str, ManualJournal] = field(factory=dict)  #: the opening balances are the first
    removed: dict[str, int] = field(factory=dict)  #: records gone without a trace, by our data type
    revision: int = 0

    def put_payment(self, payment: Payment) -> None:
        """Add or replace a payment."""
        if payment.id not in self.payments:
            self.payments_of.setdefault(payment.document_id, []).append(payment.id)
        self.payments[payment.id] = payment
        self.revision += 1

    def put_document(self, document: Document) -> None:
        """Add or replace a document; its contact becomes a customer or a supplier by it."""
        self.documents[document.id] = document
        self.take_part(document.contact_id, document.updated_at, sale=document.kind in SALES)
        self.revision += 1

    def take_part(self, contact_id: str, at: datetime, *, sale: bool) -> None:
        """Make a contact a customer or a supplier, if it is none yet."""
        contact = self.contacts[contact_id]
        if contact.is_customer if sale else contact.is_supplier:
            return
        self.contacts[contact_id] = evolve(
            contact,
            is_customer=contact.is_customer or sale,
            is_supplier=contact.is_supplier or not sale,
            updated_at=max(contact.updated_at, at),
        )

    def put_allocation(self, allocation: Allocation) -> None:
        """Add an allocation; the two documents' figures are the caller's to change."""
        for document_id in (allocation.credit_id, allocation.document_id):
            self.allocations_of.setdefault(document_id, []).append(allocation)
        self.revision += 1

    def put_application(self, application: Application) -> None:
        """Add an application; the figures of the payment on account and the document are the caller's."""
        for id_ in (application.on_account_id, application.document_id):
            self.applications_of.setdefault(id_, []).append(application)
        self.revision += 1

    def documents_where(self, keep: Callable[[Document], bool]) -> list[Document]:
        """Documents in the order in which they were written. Reads all of them."""
        return [document for document in self.documents.values() if keep(document)]

    def live_payments(self, document_id: str) -> list[Payment]:
        """A document's payments that still stand."""
        found = (self.payments[id_] for id_ in self.payments_of.get(document_id, ()))
        return [payment for payment in found if payment.status == "authorised"]

    def system_account(self, system: str) -> Account:
        """The account that the provider keeps for something. Raises: `KeyError` for none."""
        for account in self.accounts.values():
            if account.system == system:
                return account
        raise KeyError(system)
