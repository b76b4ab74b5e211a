"""Xero's tracking categories, and how lines name their values. Source: providers §§2.1, 5 no. 26."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.xero import wire, wire_ledger
from tallystick.connectors.xero.words import GONE, PRESENT
from tallystick.standard import (
    RecordTracking,
    StandardRecord,
    TrackingCategory,
    TrackingCategoryRef,
    TrackingCategoryStatus,
    TrackingRecordRef,
    written,
)

#: What is deleted is archived in its own place and gone by its metadata.
STATUS: Final[dict[str, TrackingCategoryStatus]] = {
    "ACTIVE": "Active",
    "ARCHIVED": "Archived",
    "DELETED": "Archived",
}
_RecordTracking = written.struct_of(RecordTracking)
_TrackingRecordRef = written.struct_of(TrackingRecordRef)


def tracking_category(
    source: wire_ledger.TrackingCategory, _books: Books, doubts: Doubts
) -> list[StandardRecord]:
    """A category, and each of its options as a category below it: lines name the options."""
    doubts.data_type = "trackingCategories"
    status = word(STATUS, source.Status, "$.Status", doubts)
    found: list[StandardRecord] = [
        TrackingCategory(
            id=source.TrackingCategoryID,
            name=source.Name or None,
            hasChildren=bool(source.Options),
            status=status,
            metadata=GONE if source.Status == "DELETED" else PRESENT,
        )
    ]
    for place, option in enumerate(source.Options or ()):
        path = f"$.Options[{place}]"
        if not option.TrackingOptionID:
            doubts.warn(f"{path}.TrackingOptionID", "an option without an id: left out")
            continue
        found.append(
            TrackingCategory(
                id=option.TrackingOptionID,
                name=option.Name or None,
                parentId=source.TrackingCategoryID,
                # Old answers tell no state of an option: it is that of its category.
                status=word(STATUS, option.Status, f"{path}.Status", doubts) if option.Status else status,
                metadata=GONE if "DELETED" in (source.Status, option.Status) else PRESENT,
            )
        )
    return found


def category_refs(
    source: list[wire.LineItemTracking] | None, path: str, doubts: Doubts
) -> tuple[TrackingCategoryRef, ...]:
    """The option of each tracking category; the category itself where the option has no id.

    `path`: of the list within the record.
    """
    if not source:
        return ()
    found = []
    for number, told in enumerate(source):
        if told.TrackingOptionID:
            found.append(written.TrackingCategoryRef(id=told.TrackingOptionID, name=told.Option or None))
            continue
        where = f"{path}[{number}].TrackingOptionID"
        if told.TrackingCategoryID:
            doubts.warn(where, "the option has no id: its category is named")
            found.append(written.TrackingCategoryRef(id=told.TrackingCategoryID, name=told.Name or None))
        else:
            doubts.warn(where, "neither the option nor its category has an id: left out")
    return tuple(found)


def record_tracking(
    source: list[wire.LineItemTracking] | None, path: str, doubts: Doubts
) -> RecordTracking | None:
    """The same, as lines of journals name it."""
    refs = category_refs(source, path, doubts)
    if not refs:
        return None
    return _RecordTracking(
        recordRefs=tuple(_TrackingRecordRef(id=ref.id, dataType="trackingCategories") for ref in refs)
    )
