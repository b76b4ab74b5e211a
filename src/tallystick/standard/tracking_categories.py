"""What the company counts its income and expenses by: departments, projects. Source: api-contract §3.1."""

from datetime import datetime
from typing import ClassVar, Literal

from attrs import frozen

from tallystick.standard.data_types import DataType
from tallystick.standard.record import Metadata

TrackingCategoryStatus = Literal["Unknown", "Active", "Archived"]


@frozen(kw_only=True)
class TrackingCategory:
    """One category, or one of the values within it: a tree told by `parentId`."""

    DATA_TYPE: ClassVar[DataType] = "trackingCategories"

    id: str
    name: str | None = None
    parentId: str | None = None  #: the `id` of the category that it is a value of; none for one at the top
    hasChildren: bool = False  #: other categories are a part of it
    status: TrackingCategoryStatus
    sourceModifiedDate: datetime | None = None
    metadata: Metadata


@frozen(kw_only=True)
class TrackingCategoryTree:
    """A category with all that is below it: what the API answers when one is asked for, and never stored."""

    id: str
    name: str | None = None
    parentId: str | None = None  #: the `id` of the category that it is a value of; none for one at the top
    hasChildren: bool = False  #: other categories are a part of it
    status: TrackingCategoryStatus
    sourceModifiedDate: datetime | None = None
    metadata: Metadata
    subCategories: tuple["TrackingCategoryTree", ...] = ()
