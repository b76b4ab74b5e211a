"""FreeAgent's projects, by which income and expenses are counted. Source: providers §2.5."""

from typing import Final

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts, word
from tallystick.connectors.freeagent import wire_lists
from tallystick.connectors.freeagent.words import PRESENT, instant, own_id
from tallystick.standard import StandardRecord, TrackingCategory, TrackingCategoryStatus

STATUS: Final[dict[str, TrackingCategoryStatus]] = {
    "Active": "Active",
    "Completed": "Archived",
    "Cancelled": "Archived",
    "Hidden": "Archived",
}


def project(source: wire_lists.Project, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """A project: a category at the top, with none below it."""
    doubts.data_type = "trackingCategories"
    return [
        TrackingCategory(
            id=own_id(source.url),
            name=source.name or None,
            status=word(STATUS, source.status, "$.status", doubts),
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]
