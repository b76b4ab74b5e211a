"""Tracking categories and their options."""

from typing import Any


def test_options_are_categories_below_their_own(mapped: Any, row: Any) -> None:
    found = mapped("TrackingCategories", row("TrackingCategories"))
    top, *options = found.records

    assert found.issues == []
    assert (top.name, top.hasChildren, top.parentId) == ("Region", True, None)
    assert {option.parentId for option in options} == {top.id}
    assert [(option.name, option.status) for option in options] == [
        ("North", "Active"),
        ("South", "Archived"),
        ("East", "Active"),  # it says nothing of its state: that of its category
    ]


def test_lines_name_an_option_by_the_id_that_it_has_here(mapped: Any, row: Any) -> None:
    _, option, *_ = mapped("TrackingCategories", row("TrackingCategories")).records
    cost = mapped("BankTransactions", row("BankTransactions")).records[2]
    assert [ref.id for line in cost.lineItems for ref in line.trackingCategoryRefs] == [option.id]


def test_a_deleted_category_takes_its_options_with_it(mapped: Any, row: Any) -> None:
    found = mapped("TrackingCategories", row("TrackingCategories", Status="DELETED"))
    assert all(record.metadata.isDeleted for record in found.records)
    assert found.records[0].status == "Archived"


def test_an_option_without_an_id_is_left_out_with_a_doubt(mapped: Any, row: Any) -> None:
    found = mapped("TrackingCategories", row("TrackingCategories", Options=[{"Name": "West"}]))
    assert (len(found.records), found.told()) == (1, [("warning", "$.Options[0].TrackingOptionID")])
