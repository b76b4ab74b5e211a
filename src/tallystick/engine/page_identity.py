"""By what a page is known: the ids on it, and digests of them that fit into a cursor."""

from hashlib import blake2b
from typing import Final

from attrs import define, field

from tallystick.connectors import Resource
from tallystick.engine.mapping import MappedPage
from tallystick.standard import DataType

#: Digests are added up modulo this, so that they fit into a column.
_DIGESTS: Final = 2**63
#: Pages of records that came before, with no new one among them: rows that are new in front push others on.
_REPEATED_BORNE: Final = 3
#: Pages without a row, likewise: a resource may be a list for each account, many of them empty.
_EMPTY_BORNE: Final = 200


@define
class Told:
    """What the pages of a reading have brought, by which paging without an end is known."""

    _seen: set[object] = field(factory=set)
    _repeated: int = 0
    _empty: int = 0

    def is_endless(self, mapped: MappedPage) -> bool:
        """Take a page in; True where it is the one too many that brings nothing new."""
        if not mapped.page.records:
            self._empty += 1
            return self._empty >= _EMPTY_BORNE
        # Rows that give no record, and are no issue, are known by their bytes.
        known: object = edges_of(mapped) or mapped.page.fingerprint
        if known in self._seen and known is not None:
            self._repeated += 1
            return self._repeated >= _REPEATED_BORNE
        self._seen.add(known)
        self._repeated = self._empty = 0
        return False


def met_by(resource: Resource, mapped: MappedPage) -> list[tuple[DataType, str]]:
    """What stands at the provider by this page: its records, and those that could not be mapped.

    Of the latter not always is known which type they are: then they may be any of their resource.
    """
    met = [(record.data_type, record.id) for record in mapped.records]
    for issue in mapped.issues:
        if issue.severity == "rejected" and issue.record_id:
            types = resource.data_types if issue.data_type is None else (issue.data_type,)
            met += [(data_type, issue.record_id) for data_type in types]
    return met


def edges_of(mapped: MappedPage) -> tuple[int, int] | None:
    """By which a page of other bytes but the same records is known; None for one without any."""
    ids = ids_of(mapped)
    return (digest_of(ids[0]), digest_of(ids[-1])) if ids else None


def ids_of(mapped: MappedPage) -> list[str]:
    """The ids of a page's rows, mapped or not; those that could not be mapped come last."""
    ids = [record.id for record in mapped.records]
    return ids + [i.record_id for i in mapped.issues if i.severity == "rejected" and i.record_id]


def digest_of(record_id: str) -> int:
    """8 bytes of a record's id."""
    return int.from_bytes(blake2b(record_id.encode(), digest_size=8).digest(), "little", signed=True)


def digest_of_rejections(before: int, mapped: MappedPage, mapping: int) -> int:
    """A digest of all that a reading could not map, in whatever order it came; 0 for nothing."""
    total = before
    for issue in mapped.issues:
        if issue.severity == "rejected":
            words = f"{mapping}\0{issue.data_type}\0{issue.record_id}\0{issue.path}\0{issue.message}"
            total += int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "little")
    return total % _DIGESTS
