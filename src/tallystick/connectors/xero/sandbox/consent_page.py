"""The words of Xero's consent page, on which organisations are picked."""

from typing import Final

from tallystick.connectors.sandbox.consent_page import ConsentPage

PAGE: Final = ConsentPage(
    title="Allow access",
    name="Xero",
    text="These companies are made up. Choose the ones that the app may read.",
    legend="Organisations",
    choice="checkbox",
    carried=(
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    ),
    allow="Allow access",
    deny="Deny",
    shows_scopes=True,
)
