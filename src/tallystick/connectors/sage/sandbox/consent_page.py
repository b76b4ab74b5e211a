"""The page on which a user lets an app in: plain HTML, a form, no script."""

from collections.abc import Mapping, Sequence
from html import escape

from starlette.responses import HTMLResponse

from tallystick.connectors.sage.sandbox.company import SageCompany

#: What goes on from the query to the form, so that the answer can be given with it.
CARRIED = ("filter", "response_type", "client_id", "redirect_uri", "scope", "scopes", "state", "country")


def consent_page(
    companies: Sequence[SageCompany], params: Mapping[str, str], *, complaint: str = ""
) -> HTMLResponse:
    """The form: `tenant` once for each business of the login, and `decision` allow or deny."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(params[name])}">'
        for name in CARRIED
        if name in params
    )
    choices = "".join(
        f'<li><label><input type="checkbox" name="tenant" value="{escape(company.tenant)}"> '
        f"<bdi>{escape(company.name)}</bdi></label></li>"
        for company in companies
    )
    trouble = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    page = f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Allow access · sandbox</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}}
ul{{list-style:none;padding:0}}button{{font:inherit;padding:.5rem 1.25rem;margin-right:.5rem}}</style></head>
<body>
<main>
<h1>A stand-in for Sage asks</h1>
<p>These businesses are made up. At Sage an app sees every business of whoever signs in; here you choose
which those are.</p>
{trouble}
<form method="post" action="">
{hidden}
<fieldset><legend>Businesses of this login</legend><ul>{choices}</ul></fieldset>
<p><button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></p>
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
