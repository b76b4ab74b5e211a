"""Compares a decimal in a record's JSON with one of a query, exactly, inside SQLite.

SQLite has no decimals, and a double takes 0.1 for something else. So the comparison is one of texts: sign,
integer part with zeros before it to a fixed width, point, fraction without the zeros behind it. Two
non-negative numbers then stand to each other as these texts do.

A number written with an exponent (our encoder does so below 0.000001 and for whole numbers with no digits
to show) is compared as a double: exact to 15 significant digits, which is what rates have.
"""

from decimal import Decimal
from typing import Final, Literal

_WIDTH: Final = 100  #: digits before the point; the standard model's sums have no more
_ZEROS: Final = "0" * _WIDTH

#: What holds for a literal that is not negative, and for one that is; `k` is the text, `neg` the sign.
_NOT_NEGATIVE: Final = {
    "=": "not neg and k = ?",
    ">": "not neg and k > ?",
    ">=": "not neg and k >= ?",
    "<": "(neg or k < ?)",
    "<=": "(neg or k <= ?)",
}
_NEGATIVE: Final = {
    "=": "neg and k = ?",
    ">": "(not neg or k < ?)",
    ">=": "(not neg or k <= ?)",
    "<": "neg and k > ?",
    "<=": "neg and k >= ?",
}


def compare_number(
    json_text: str, operator: Literal["=", "!=", ">", "<", ">=", "<="], literal: Decimal
) -> tuple[str, tuple[object, ...]]:
    """SQL and its values; `json_text` gives the number as JSON has it, or null.

    Cost: about a microsecond a row beyond reading the JSON.
    """
    if operator == "!=":
        sql, values = compare_number(json_text, "=", literal)
        return f"not {sql}", values
    negative = literal < 0
    table = _NEGATIVE if negative else _NOT_NEGATIVE
    text = f"{abs(literal):f}"
    whole, _, fraction = text.partition(".")
    key = f"{whole:0>{_WIDTH}}.{fraction.rstrip('0')}"
    # Nothing in here is a client's. SQLite does not flatten selects without a table: the JSON is read once.
    sql = f"""exists (select 1 from (
        select t, t like '-%' and ltrim(t, '-0.') <> '' as neg,
            substr('{_ZEROS}' || substr(a, 1, instr(a || '.', '.') - 1), -{_WIDTH}) || '.'
            || rtrim(substr(a, instr(a || '.', '.') + 1), '0') as k
        from (select t, ltrim(t, '-') as a from (select {json_text} as t))
    ) where t glob '[-0-9]*' and case when t like '%e%'
        then cast(t as real) {operator} cast(? as real) else {table[operator]} end)"""  # noqa: S608
    return sql, (f"{literal:f}", key)
