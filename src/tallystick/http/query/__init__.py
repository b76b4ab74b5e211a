"""The API's `query` language and `orderBy`: text to a syntax tree, and the tree to SQL or to a filter.

    {totalAmount > 100 || totalAmount < 50} && status != paid

Source: api-contract §4. Values are bound, never pasted; properties come from tables and from the classes of
the standard model, so nothing that a client writes reaches the SQL itself.
"""

from tallystick.http.query.compiler import compile_query, exactly
from tallystick.http.query.fields import (
    COMPANIES,
    DATASETS,
    TAGS,
    Resource,
    records_of,
)
from tallystick.http.query.matching import Reading, matches
from tallystick.http.query.ordering import order_terms
from tallystick.http.query.parser import parse
from tallystick.http.query.syntax import All, Comparison, Expression, OneOf, Operator

__all__ = [
    "COMPANIES",
    "DATASETS",
    "TAGS",
    "All",
    "Comparison",
    "Expression",
    "OneOf",
    "Operator",
    "Reading",
    "Resource",
    "compile_query",
    "exactly",
    "matches",
    "order_terms",
    "parse",
    "records_of",
]
