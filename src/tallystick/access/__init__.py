"""Who may do what: clients, their API keys, and in time users, roles and address rules.

Knows nothing of accounting, and asks the store alone.
"""

from tallystick.access.keys import Access, NewClient, Principal, new_api_key
from tallystick.access.operators import OperatorToken, new_operator_token

__all__ = ["Access", "NewClient", "OperatorToken", "Principal", "new_api_key", "new_operator_token"]
