"""What happens to the quality of data, told once a page, dataset or sync; never once a record."""

from attrs import frozen

from tallystick.standard import DataType


@frozen(kw_only=True)
class RecordsDoubted:
    """Rules that records do not keep, of one page, or found when a sync had ended."""

    platform: str
    client_id: str
    connection_id: str
    data_type: DataType
    findings: int
    by_rule: tuple[tuple[str, int], ...]  #: rule id, findings


@frozen(kw_only=True)
class FiguresDiffer:
    """A dataset has ended, and its figures do not add up: rows were lost, or counted twice, by us."""

    platform: str
    client_id: str
    connection_id: str
    dataset_id: str
    data_type: DataType
    fetched: int
    accounted: int


@frozen(kw_only=True)
class FieldsUnknown:
    """A row that was looked at has fields that its mapping has never heard of; raw keeps them."""

    platform: str
    client_id: str
    connection_id: str
    resource: str
    data_type: DataType  #: the first of the list's
    fields: tuple[str, ...]  #: paths: names that the provider gave, no values


@frozen(kw_only=True)
class WordsUnknown:
    """Records of a page have words of a closed set that the mapping does not know: told as `Unknown`."""

    platform: str
    client_id: str
    connection_id: str
    data_type: DataType
    words: int


@frozen(kw_only=True)
class BooksCompared:
    """Two parts of a connection's books were compared when a sync had ended."""

    platform: str
    client_id: str
    connection_id: str
    data_type: DataType
    against: str
    agree: bool
    comparable: bool
