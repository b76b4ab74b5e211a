"""The words of QuickBooks' consent page, on which one company is picked."""

from typing import Final

from tallystick.connectors.sandbox.consent_page import ConsentPage

PAGE: Final = ConsentPage(
    title="Connect a company",
    name="QuickBooks",
    text="These companies are made up. Choose the one that the app may read.",
    legend="Company",
    choice="radio",
    carried=("response_type", "client_id", "redirect_uri", "scope", "state"),
    allow="Connect",
    deny="No thanks",
)
