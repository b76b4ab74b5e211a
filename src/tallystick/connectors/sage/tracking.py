"""Sage's analysis types and their categories: a tree of two storeys. Source: providers §2.1."""

from tallystick.connectors.contract import Books
from tallystick.connectors.doubts import Doubts
from tallystick.connectors.sage import wire_lists
from tallystick.connectors.sage.words import PRESENT, id_of, instant
from tallystick.standard import StandardRecord, TrackingCategory


def analysis_type(source: wire_lists.AnalysisType, _books: Books, doubts: Doubts) -> list[StandardRecord]:
    """What is counted by: a category at the top."""
    doubts.data_type = "trackingCategories"
    return [
        TrackingCategory(
            id=source.id,
            name=source.name or source.displayed_as or None,
            hasChildren=bool(source.analysis_type_categories),
            status="Active",
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]


def analysis_type_category(
    source: wire_lists.AnalysisTypeCategory, _books: Books, doubts: Doubts
) -> list[StandardRecord]:
    """One of the values, below its type. Lines name these."""
    doubts.data_type = "trackingCategories"
    return [
        TrackingCategory(
            id=source.id,
            name=source.name or source.displayed_as or None,
            parentId=id_of(source.analysis_type),
            status="Active",
            sourceModifiedDate=instant(source.updated_at, "$.updated_at", doubts),
            metadata=PRESENT,
        )
    ]
