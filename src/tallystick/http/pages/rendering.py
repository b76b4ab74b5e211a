"""Templates and the files beside them."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attrs import define, field
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

#: A redirect that follows a form counts as the form's target in some browsers, and ours end at a provider.
_FORM_TARGETS: Final = {"https": "'self' https:", "http": "'self' https: http:"}
_FILES: Final = {"pages.css": "text/css; charset=utf-8", "integration.svg": "image/svg+xml"}
_LONG: Final = "public, max-age=31536000, immutable"


@define(eq=False)
class Renderer:
    """Makes pages. One per application."""

    public_url: str
    _templates: Environment = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("tallystick.http"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page, that loads its style from here and nothing from anywhere else."""
        html = self._templates.get_template(template).render(style=style_url(), **values)
        targets = _FORM_TARGETS[self.public_url.partition(":")[0]]
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action {targets}"
        )
        headers = {"content-security-policy": policy, "cache-control": "no-store"}
        return Response(html, status_code=status, headers=headers, media_type="text/html")


def static_file(name: str, digest: str | None) -> Response | None:
    """A file beside the pages, or None; browsers keep it for a year when its address has its hash."""
    kind = _FILES.get(name)
    if kind is None:
        return None
    content, own = _content(name)
    if digest not in (None, own):
        return None
    keep = _LONG if digest else "public, max-age=3600"
    return Response(content, media_type=kind, headers={"cache-control": keep})


def style_url() -> str:
    """Where the style is, by its content."""
    return f"/static/{_content('pages.css')[1]}/pages.css"


@cache
def _content(name: str) -> tuple[bytes, str]:
    content = (files("tallystick.http") / "static" / name).read_bytes()
    return content, hashlib.blake2b(content, digest_size=8).hexdigest()
