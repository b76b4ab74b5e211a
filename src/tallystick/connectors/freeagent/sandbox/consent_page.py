"""The words of FreeAgent's consent page: a login is of one company."""

from typing import Final

from tallystick.connectors.sandbox.consent_page import ConsentPage

PAGE: Final = ConsentPage(
    title="Approve app",
    name="FreeAgent",
    text="These companies are made up. At FreeAgent a login is of one company; here you choose\nwhich.",
    legend="Company of this login",
    choice="radio",
    carried=("response_type", "client_id", "redirect_uri", "state"),
    allow="Approve",
    deny="Decline",
    asks_user=False,
)
