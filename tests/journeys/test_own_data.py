"""Codat's own SDK, unmodified, asks for what the standard model does not have, of a running engine."""

import time
from collections.abc import Callable

import pytest
from codat_platform.models import errors
from tests.journeys.conftest import Installation, Sandbox
from tests.journeys.test_codat_sdks import platform

CONTACTS = {"platform_key": "gbol", "data_type": "customers"}
OWN = {"platform_key": "gbol", "custom_data_identifier": "contact-people"}


def test_supplemental_data_is_configured_and_comes_with_the_records(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    stand_in = sandbox("--companies", "1", "--records", "20")
    installed = installation(stand_in)
    company_id, _ = installed.link(stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)
    api = platform(installed)

    wanted = {"own": {"data_source": "/Contacts", "pull_data": {"name": "Name", "status": "ContactStatus"}}}
    done = api.supplemental_data.configure(
        request={**CONTACTS, "supplemental_data_configuration": {"supplemental_data_config": wanted}}
    )
    assert done is None
    told = api.supplemental_data.get_configuration(request=CONTACTS).supplemental_data_config
    assert told["own"].data_source == "/Contacts"
    assert told["own"].pull_data == {"name": "Name", "status": "ContactStatus"}

    deadline = time.monotonic() + 20
    while not all("supplementalData" in each for each in installed.all_of(company_id, "customers")):
        assert time.monotonic() < deadline, "the records that were there have not changed"
        time.sleep(0.1)
    for customer in installed.all_of(company_id, "customers"):
        own = customer["supplementalData"]["content"]["own"]
        assert own == {"name": customer["customerName"], "status": own["status"]}
        assert own["status"] in {"ACTIVE", "ARCHIVED"}
    suppliers = installed.all_of(company_id, "suppliers")
    assert suppliers, "of the same list"
    assert not any("supplementalData" in each for each in suppliers)


def test_a_custom_data_type_is_configured_queued_and_listed(
    sandbox: Callable[..., Sandbox], installation: Callable[..., Installation]
) -> None:
    """The SDK's class of a value takes objects only, so it is objects that are asked for here."""
    stand_in = sandbox("--companies", "1", "--records", "20")
    installed = installation(stand_in)
    company_id, connection_id = installed.link(stand_in.state()["companies"][0]["tenant"])
    installed.wait_until_complete(company_id)
    api = platform(installed)

    config = {
        "data_source": "/Organisation",
        "required_data": {"address": "$.Addresses[0]"},
        "key_by": ["$.OrganisationID"],
    }
    made = api.custom_data_type.configure(request={**OWN, "custom_data_type_configuration": config})
    assert (made.data_source, made.key_by) == ("/Organisation", ["$.OrganisationID"])
    api.custom_data_type.get_configuration(request=OWN)

    where = {"company_id": company_id, "connection_id": connection_id, **OWN}
    del where["platform_key"]
    queued = api.custom_data_type.refresh(request=where)
    assert (queued.data_type, queued.status.value) == ("custom/contact-people", "Queued")
    states = installed.wait_until_complete(company_id)
    assert states["custom/contact-people"] == "Complete"
    listed = api.custom_data_type.list(request={**where, "page": 1, "page_size": 10})
    assert listed.total_results == 1
    (record,) = listed.results
    assert record.id
    assert record.modified_date.modified_date
    assert record.content["address"].model_dump()

    with pytest.raises(errors.ErrorMessage) as absent:
        api.custom_data_type.list(request={**where, "custom_data_identifier": "unheard-of"})
    assert absent.value.status_code == 404
