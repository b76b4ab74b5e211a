"""Who may do what: clients, their API keys, and in time users, roles and address rules.

Knows nothing of accounting, and asks the store alone.
"""

from tallystick.access.keys import Access, NewClient, Principal, new_api_key

__all__ = ["Access", "NewClient", "Principal", "new_api_key"]
