"""`orderBy`: one property, `-` before it for descending."""

from tallystick.http.problem import Problem, invalid
from tallystick.http.query.fields import Resource


def order_terms(text: str | None, resource: Resource, default: tuple[str, ...]) -> tuple[str, ...]:
    """SQL terms for the store. Raises: `Problem` 400 for a property that is not ordered by."""
    if not text:
        return default
    name = text.strip()
    descending = name.startswith("-")
    column = {key.lower(): sql for key, sql in resource.order.items()}.get(name.lstrip("-+ ").lower())
    if column is None:
        raise _cannot(name, resource)
    return (f"{column} desc" if descending else column,)


def _cannot(name: str, resource: Resource) -> Problem:
    known = ", ".join(resource.order)
    return invalid("orderBy", f"{resource.name} is not ordered by {name[:100]}; it is by {known}")
