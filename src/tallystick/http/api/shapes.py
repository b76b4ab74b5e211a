"""The bodies of the platform's own resources, field by field as api-contract §1.2 has them.

A field that is `UNSET` is left out of the JSON, which is how the contract tells "none" for some of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec import field as wire

from tallystick.standard import DatasetStatus, DataType
from tallystick.store import LinkStatus

SourceType = Literal["Accounting"]
FeatureType = Literal["Get"]
FeatureState = Literal["Release"]


class Shape(Struct, frozen=True, kw_only=True, rename="camel"):
    """One JSON object."""


class CompanyRequestBody(Shape, frozen=True, kw_only=True):
    """A company as its client describes it."""

    name: str
    description: str | None = None
    tags: Mapping[str, str] | None = None


class CompanyUpdateRequest(Shape, frozen=True, kw_only=True):
    """The fields to change; `tags` of null or {} takes all tags away."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    tags: Mapping[str, str] | UnsetType | None = UNSET


class CompanyReference(Shape, frozen=True, kw_only=True):
    """Another company."""

    id: str
    name: str


class DataConnectionError(Shape, frozen=True, kw_only=True):
    """Why a connection does not work."""

    status_code: str
    status_text: str
    error_message: str
    status: Literal["Active", "Resolved"]


class Connection(Shape, frozen=True, kw_only=True):
    """A company's link to one provider account."""

    id: str
    integration_id: str
    integration_key: str
    source_id: str
    source_type: SourceType = "Accounting"
    platform_name: str
    link_url: str
    status: LinkStatus
    created: datetime
    last_sync: datetime | UnsetType = UNSET
    data_connection_errors: Sequence[DataConnectionError] = ()
    connection_info: Mapping[str, str] = {}


class Company(Shape, frozen=True, kw_only=True):
    """A business whose books are read."""

    id: str
    name: str
    description: str | UnsetType = UNSET
    redirect: str
    last_sync: datetime | UnsetType = UNSET
    created: datetime
    created_by_user_name: str | None = None
    products: Sequence[str] = ()
    tags: Mapping[str, str]
    reference_parent_company: CompanyReference | None = None
    reference_subsidiary_companies: Sequence[CompanyReference] = ()
    data_connections: Sequence[Connection]


class NewConnection(Shape, frozen=True, kw_only=True):
    """Which integration to link."""

    platform_key: str


class UpdateConnectionStatus(Shape, frozen=True, kw_only=True):
    """What a connection is to become."""

    status: Literal["PendingAuth", "Linked", "Unlinked", "Deauthorized"]


class DataStatus(Shape, frozen=True, kw_only=True):
    """Where a data type stands."""

    data_type: DataType
    last_successful_sync: datetime | UnsetType = UNSET
    current_status: DatasetStatus
    latest_sync_id: str
    latest_successful_sync_id: str | UnsetType = UNSET


class PullOperation(Shape, frozen=True, kw_only=True):
    """One dataset."""

    id: str
    company_id: str
    connection_id: str
    data_type: str  #: of the standard model's, or `custom/` and an identifier
    status: DatasetStatus
    status_description: str | None = None
    error_message: str | None = None
    requested: datetime
    completed: datetime | UnsetType = UNSET
    progress: int
    is_completed: bool
    is_errored: bool


class SupportedFeature(Shape, frozen=True, kw_only=True):
    """What can be done with a data type."""

    feature_type: FeatureType = "Get"
    feature_state: FeatureState = "Release"


class DataTypeFeature(Shape, frozen=True, kw_only=True):
    """A data type that an integration has."""

    data_type: DataType
    supported_features: Sequence[SupportedFeature] = (SupportedFeature(),)


class Integration(Shape, frozen=True, kw_only=True):
    """A provider that companies can link."""

    key: str
    logo_url: str
    name: str
    enabled: bool = True
    source_id: str
    source_type: SourceType = "Accounting"
    integration_id: str
    is_offline_connector: bool = False
    is_beta: bool = False
    data_provided_by: str
    datatype_features: Sequence[DataTypeFeature]


class Href(Shape, frozen=True, kw_only=True):
    """A link."""

    href: str


class Links(Shape, frozen=True, kw_only=True):
    """Where the pages of a list are."""

    self: Href
    current: Href
    next: Href | UnsetType = UNSET
    previous: Href | UnsetType = UNSET


class PagingInfo(Shape, frozen=True, kw_only=True):
    """What every page of a list has beside its results."""

    page_number: int
    page_size: int
    total_results: int
    links: Links = wire(name="_links")
