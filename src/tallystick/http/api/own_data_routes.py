"""The operations of what a client wants beyond the standard model: a part of the table in `routes`.

Their paths are within those of records (`…/data/{dataType}/…`), so they stand before them in the table.
"""

from typing import Final

from tallystick.http.api import custom_types, supplemental
from tallystick.http.api.call import Operation
from tallystick.http.api.paths import CONNECTION
from tallystick.http.api.shapes import PullOperation

#: The contract spells it `dataTypes` and `datatypes`: below it the case of letters does not matter.
_TYPES: Final = "/integrations/{platformKey}/dataTypes"
_CUSTOM: Final = _TYPES + "/custom/{customDataIdentifier}"
_SUPPLEMENTAL: Final = _TYPES + "/{dataType}/supplementalDataConfig"
_CONFIG_ERRORS: Final = (400, 401, 404, 429)

OWN_DATA_OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        id="get-custom-data-type-configuration",
        method="GET",
        path=_CUSTOM,
        any_case=True,
        handler=custom_types.get_configuration,
        summary="Get the configuration of a custom data type",
        tag="Custom data types",
        answer=custom_types.CustomDataTypeConfiguration,
        errors=_CONFIG_ERRORS,
    ),
    Operation(
        id="configure-custom-data-type",
        method="PUT",
        path=_CUSTOM,
        any_case=True,
        handler=custom_types.configure,
        summary="Configure a custom data type",
        tag="Custom data types",
        body=custom_types.CustomDataTypeConfiguration,
        answer=custom_types.CustomDataTypeConfiguration,
        errors=_CONFIG_ERRORS,
    ),
    Operation(
        id="refresh-custom-data-type",
        method="POST",
        path=CONNECTION + "/data/queue/custom/{customDataIdentifier}",
        handler=custom_types.queue,
        summary="Refresh a custom data type",
        tag="Custom data types",
        answer=PullOperation,
        errors=_CONFIG_ERRORS,
    ),
    Operation(
        id="list-custom-data-type-records",
        method="GET",
        path=CONNECTION + "/data/custom/{customDataIdentifier}",
        handler=custom_types.list_records,
        summary="List the records of a custom data type",
        tag="Custom data types",
        parameters=("page", "pageSize"),
        answer=custom_types.CustomDataTypeRecord,
        is_page=True,
        errors=_CONFIG_ERRORS,
    ),
    Operation(
        id="get-supplemental-data-configuration",
        method="GET",
        path=_SUPPLEMENTAL,
        any_case=True,
        handler=supplemental.get_configuration,
        summary="Get the supplemental data of a data type",
        tag="Supplemental data",
        answer=supplemental.SupplementalDataConfiguration,
        errors=_CONFIG_ERRORS,
    ),
    Operation(
        id="configure-supplemental-data",
        method="PUT",
        path=_SUPPLEMENTAL,
        any_case=True,
        handler=supplemental.configure,
        summary="Configure the supplemental data of a data type",
        tag="Supplemental data",
        body=supplemental.SupplementalDataConfiguration,
        errors=_CONFIG_ERRORS,
    ),
)
