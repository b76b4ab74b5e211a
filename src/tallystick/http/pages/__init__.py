"""The pages that a company sees while it links its books. No script, no key, no cookie that grants a thing.

Whoever has a company's link may begin to link it, and sees nothing but the company's name; what the link
gives is the right to consent, which only the provider's own login makes good.
"""

from tallystick.http.pages.linking import Linking, page_routes
from tallystick.http.pages.rendering import Renderer
from tallystick.http.pages.whose import Whose

__all__ = ["Linking", "Renderer", "Whose", "page_routes"]
