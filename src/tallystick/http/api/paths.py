"""Where the paths of most operations begin. Source: api-contract §1.1."""

from typing import Final

COMPANY: Final = "/companies/{companyId}"
CONNECTION: Final = COMPANY + "/connections/{connectionId}"
