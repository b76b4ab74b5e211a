"""Journal entries: debits and credits."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.connectors.quickbooks.conftest import Mapped

from tallystick.connectors import Books

Map = Callable[..., Mapped]


def line(amount: str, side: str, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": Decimal(amount),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": "65"}, **detail},
    }


def test_a_debit_is_positive_and_a_credit_negative(mapped: Map) -> None:
    entity = {"Type": "Customer", "EntityRef": {"value": "5"}}
    source = {
        "Id": "450",
        "DocNumber": "49",
        "TxnDate": "2026-01-28",
        "Line": [
            line("20.00", "Debit", Entity=entity, ClassRef={"value": "2"}),
            line("20.00", "Credit"),
            {"DetailType": "DescriptionOnly", "Description": "text"},
        ],
    }
    told = mapped("JournalEntry", source, books=Books(base_currency="CAD")).json
    first, second = told["journalLines"]
    assert (first["netAmount"], second["netAmount"]) == (Decimal("20.00"), Decimal("-20.00"))
    assert (first["currency"], first["accountRef"]) == ("CAD", {"id": "65"})
    assert first["contactRef"] == {"id": "5", "dataType": "customers"}
    assert first["tracking"]["recordRefs"] == [{"id": "Class-2", "dataType": "trackingCategories"}]
    assert (told["postedOn"], told["description"]) == ("2026-01-28T00:00:00", "49")


def test_an_entry_that_does_not_balance_is_kept_with_a_warning(mapped: Map) -> None:
    assert mapped("JournalEntry", {"Id": "1", "Line": [line("20.00", "Debit")]}).told() == [
        ("warning", "$.Line")
    ]


def test_a_side_that_nobody_knows_is_no_number_with_a_sign(mapped: Map) -> None:
    found = mapped("JournalEntry", {"Id": "1", "Line": [line("1", "Debit"), line("1", "Sideways")]})
    assert found.told() == [("rejected", "$.Line[1].JournalEntryLineDetail.PostingType")]
