"""The page on which a user lets an app into a company: plain HTML, a form, no script."""

from collections.abc import Mapping, Sequence
from html import escape

from starlette.responses import HTMLResponse

from tallystick.connectors.quickbooks.sandbox.company import QuickBooksCompany

#: What goes on from the query to the form, so that the answer can be given with it.
CARRIED = ("response_type", "client_id", "redirect_uri", "scope", "state")
#: Who gives the consent when the form does not say: the sandbox asks for no password.
USER = "owner@sandbox.example"


def consent_page(
    companies: Sequence[QuickBooksCompany], params: Mapping[str, str], *, complaint: str = ""
) -> HTMLResponse:
    """The form: `tenant` is the one chosen company, `decision` allow or deny."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(params[name])}">'
        for name in CARRIED
        if name in params
    )
    choices = "".join(
        f'<li><label><input type="radio" name="tenant" value="{escape(company.tenant)}"> '
        f"<bdi>{escape(company.name)}</bdi></label></li>"
        for company in companies
    )
    user = escape(params.get("user", USER))
    trouble = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    page = f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Connect a company · sandbox</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}}
ul{{list-style:none;padding:0}}button{{font:inherit;padding:.5rem 1.25rem;margin-right:.5rem}}</style></head>
<body>
<main>
<h1>A stand-in for QuickBooks asks</h1>
<p>These companies are made up. Choose the one that the app may read.</p>
{trouble}
<form method="post" action="">
{hidden}
<fieldset><legend>Company</legend><ul>{choices}</ul></fieldset>
<p><label>Signed in as <input name="user" value="{user}" autocomplete="off"></label></p>
<p><button name="decision" value="allow">Connect</button>
<button name="decision" value="deny">No thanks</button></p>
</form>
</main>
</body>
</html>
"""
    return HTMLResponse(page, 400 if complaint else 200, headers={"Cache-Control": "no-store"})


def refusal_page(reason: str) -> HTMLResponse:
    """A request that cannot even be sent back to the app."""
    page = f"<!doctype html><title>Sorry</title><h1>Sorry, something went wrong</h1><p>{escape(reason)}</p>"
    return HTMLResponse(page, 400)
