"""The words of Sage's consent page, on which the businesses of a login are picked."""

from typing import Final

from tallystick.connectors.sandbox.consent_page import ConsentPage

PAGE: Final = ConsentPage(
    title="Allow access",
    name="Sage",
    text="These businesses are made up. At Sage an app sees every business of whoever signs in; here "
    "you choose\nwhich those are.",
    legend="Businesses of this login",
    choice="checkbox",
    carried=("filter", "response_type", "client_id", "redirect_uri", "scope", "scopes", "state", "country"),
    allow="Allow",
    deny="Deny",
    asks_user=False,
)
