"""What the demo tells: `demo.json` for programs, a table and things to try for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tallystick.access import NewClient
from tallystick.application import Addresses
from tallystick.cli.demo.consent import Linked
from tallystick.cli.demo.sandbox import StandIn
from tallystick.connectors.registry import MANIFESTS


def describe(
    addresses: Addresses,
    client: NewClient,
    companies: Sequence[Linked],
    stand_in: StandIn,
    operator_token: str,
) -> dict[str, Any]:
    """The content of `demo.json`. Parts that do not exist yet have no field."""
    return {
        "apiUrl": addresses.api_url,
        "apiKey": client.api_key,
        "clientId": client.id,
        "metricsUrl": addresses.metrics_url,
        "linkUrl": f"{addresses.api_url}/link/company/{companies[0].id}",
        "opsUrl": f"{addresses.api_url}/ops",
        "operatorToken": operator_token,
        "sandboxUrl": stand_in.url,
        "controlUrl": stand_in.control_url,
        "companies": [
            {
                "id": company.id,
                "name": company.name,
                "connections": [
                    {
                        "id": company.connection_id,
                        "platform": company.platform,
                        "integrationId": company.integration_id,
                        "platformKey": MANIFESTS[company.platform].platform_key,
                        "tenant": company.tenant,
                    }
                ],
            }
            for company in companies
        ],
    }


def show(
    console: Console,
    folder: Path,
    found: Mapping[str, Any],
    counts: Mapping[str, Mapping[str, int]],
    problems: Sequence[str],
    *,
    seconds: float,
) -> None:
    """Print the table, the addresses, and lines that work when pasted."""
    console.print(_table(counts, f"Records after {seconds:.1f} s"))
    for place, company in enumerate(counts, 1):
        console.print(f"  [{place}] {company}", markup=False)
    for problem in problems:
        console.print(f"NOT WELL  {problem}", soft_wrap=True)
    company = found["companies"][0]["id"]
    curl = f"curl -su '{found['apiKey']}:' '{found['apiUrl']}"
    console.print(
        f"""
API       {found["apiUrl"]}      (OpenAPI: {found["apiUrl"]}/openapi.json)
API key   {found["apiKey"]}
metrics   {found["metricsUrl"]}
link page {found["linkUrl"]}
sandbox   {found["sandboxUrl"]}      (truth: {found["controlUrl"]}/state)

Try it:
  tallystick actors --data {folder}
  {curl}/companies'
  {curl}/companies/{company}/data/invoices?pageSize=2&orderBy=-modifiedDate'
  {curl}/companies/{company}/data/bills?query=status%3DPaid'

With Codat's own SDK (pip install codat-lending):
  import base64
  from codat_lending import CodatLending
  from codat_lending.models import shared
  key = "Basic " + base64.b64encode(b"{found["apiKey"]}").decode()
  api = CodatLending(security=shared.Security(auth_header=key), server_url="{found["apiUrl"]}")
  print(api.companies.list(request={{}}).total_results, "companies")
""",
        soft_wrap=True,
        markup=False,
    )


def _table(counts: Mapping[str, Mapping[str, int]], title: str) -> Table:
    """A row a data type; companies by number, since their names are wider than their figures."""
    table = Table(title=title)
    table.add_column("data type", no_wrap=True)
    table.add_column("all", justify="right")
    for place in range(1, len(counts) + 1):
        table.add_column(f"\\[{place}]", justify="right")
    for name in sorted({name for by_type in counts.values() for name in by_type}):
        figures = [by_type.get(name, 0) for by_type in counts.values()]
        table.add_row(name, *(f"{figure:,}" for figure in (sum(figures), *figures)))
    return table
