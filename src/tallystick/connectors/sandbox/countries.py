"""The countries that made-up books are kept in."""

from tallystick.connectors.sandbox.books import Organisation
from tallystick.connectors.sandbox.chart import Country
from tallystick.connectors.sandbox.uk_chart import UK
from tallystick.connectors.sandbox.us_chart import US


def country_of(organisation: Organisation) -> Country:
    """Where an organisation keeps its books."""
    return US if organisation.country == US.code else UK


def country_numbered(number: int) -> Country:
    """Of the company so many places after the first: they take turns, and the first is British."""
    return US if number % 2 else UK
