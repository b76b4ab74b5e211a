"""Compares a decimal in a record's JSON with one of a query, exactly, inside SQLite.

SQLite has no decimals, and a double takes 0.1 for something else. Doubles decide where the two are far
apart. Where they are not, texts do: sign, integer part with zeros before it to a fixed width, point,
fraction without the zeros behind it. Two non-negative numbers stand to each other as these texts do.

A number written with an exponent (our encoder does so below 0.000001 and for whole numbers with no digits
to show) is compared as a double: exact to 15 significant digits, which is what rates have.
"""

from decimal import Decimal
from typing import Final, Literal

_WIDTH: Final = 100  #: digits before the point; the standard model's sums have no more
_ZEROS: Final = "0" * _WIDTH
#: Relative distance from which on doubles tell: a million times what making one of a text can be off.
_FAR: Final = 1e-9

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

    Cost: a few microseconds a row for the JSON, five times that for a row that is near.
    """
    if operator == "!=":
        sql, values = compare_number(json_text, "=", literal)
        return f"not ({sql})", values
    table = _NEGATIVE if literal < 0 else _NOT_NEGATIVE
    text = f"{abs(literal):f}"
    whole, _, fraction = text.partition(".")
    key = f"{whole:0>{_WIDTH}}.{fraction.rstrip('0')}"
    near = float(literal)
    # Nothing in here is a client's. SQLite does not flatten selects without a table: the JSON is read once.
    exact = f"""exists (select 1 from (
        select t, t like '-%' and ltrim(t, '-0.') <> '' as neg,
            substr('{_ZEROS}' || substr(a, 1, instr(a || '.', '.') - 1), -{_WIDTH}) || '.'
            || rtrim(substr(a, instr(a || '.', '.') + 1), '0') as k
        from (select t, ltrim(t, '-') as a from (select {json_text} as t))
    ) where t glob '[-0-9]*' and case when t like '%e%'
        then cast(t as real) {operator} cast(? as real) else {table[operator]} end)"""  # noqa: S608
    double = f"cast(nullif({json_text}, 'null') as real)"
    sql = f"case when abs({double} - ?) > ? then {double} {operator} ? else {exact} end"
    return sql, (near, _FAR * abs(near), near, f"{literal:f}", key)
