"""The page on which a user lets an app into companies: plain HTML, a form, no script; and the way back."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal
from urllib.parse import urlencode, urlsplit

from attrs import frozen
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tallystick.connectors.sandbox.provider import Company

#: Who gives the consent when the form does not say: the sandbox asks for no password.
USER = "owner@sandbox.example"


@frozen(kw_only=True)
class ConsentPage:
    """A provider's own words, and what its form asks.

    The form: `tenant` once for each chosen company, `decision` allow or deny, and `user` where one is asked.
    """

    title: str
    name: str  #: of the provider
    text: str
    legend: str
    choice: Literal["checkbox", "radio"]
    carried: Sequence[str]  #: goes on from the query to the form, so that the answer can be given with it
    allow: str
    deny: str
    asks_user: bool = True
    shows_scopes: bool = False

    def answer(
        self, companies: Sequence[Company], params: Mapping[str, str], *, complaint: str = ""
    ) -> HTMLResponse:
        """The page; with a complaint it says what was wrong with the form before."""
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(params[name])}">'
            for name in self.carried
            if name in params
        )
        choices = "".join(
            f'<li><label><input type="{self.choice}" name="tenant" value="{escape(company.tenant)}"> '
            f"<bdi>{escape(company.name)}</bdi></label></li>"
            for company in companies
        )
        trouble = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
        page = f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{self.title} · sandbox</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}}
ul{{list-style:none;padding:0}}button{{font:inherit;padding:.5rem 1.25rem;margin-right:.5rem}}</style></head>
<body>
<main>
<h1>A stand-in for {self.name} asks</h1>
<p>{self.text}</p>
{trouble}
<form method="post" action="">
{hidden}
<fieldset><legend>{self.legend}</legend><ul>{choices}</ul></fieldset>
{self._user(params)}{self._scopes(params)}<p><button name="decision" value="allow">{self.allow}</button>
<button name="decision" value="deny">{self.deny}</button></p>
</form>
</main>
</body>
</html>
"""
        return HTMLResponse(page, 400 if complaint else 200, headers={"Cache-Control": "no-store"})

    def _user(self, params: Mapping[str, str]) -> str:
        if not self.asks_user:
            return ""
        user = escape(params.get("user", USER))
        return f'<p><label>Signed in as <input name="user" value="{user}" autocomplete="off"></label></p>\n'

    def _scopes(self, params: Mapping[str, str]) -> str:
        if not self.shows_scopes:
            return ""
        asked = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in params.get("scope", "").split())
        return f"<details><summary>What the app asks for</summary><ul>{asked}</ul></details>\n"


def sent_back(redirect_uri: str, params: Mapping[str, str], **words: str) -> Response:
    """To the app's redirect URI, with the state as it came."""
    if "state" in params:
        words["state"] = params["state"]
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(words)}", 302)


def refusal_page(reason: str) -> HTMLResponse:
    """A request that cannot even be sent back to the app."""
    page = f"<!doctype html><title>Sorry</title><h1>Sorry, something went wrong</h1><p>{escape(reason)}</p>"
    return HTMLResponse(page, 400)
