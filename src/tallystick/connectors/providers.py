"""The providers that there are. Adding one is adding its folder, and its slug here."""

from typing import Final

#: Each is a folder beside this file. In the order in which the sandbox deals companies out to them.
SLUGS: Final = (
    "xero",
    "quickbooks",
    "sage",
    "freeagent",
)
