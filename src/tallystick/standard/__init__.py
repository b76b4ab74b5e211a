"""The standard model: what a company's books are, whoever keeps them.

Frozen attrs classes with the field names of the public API, exact decimals, calendar dates as the
text the API sends, and the bytes they are encoded to. No input or output, no clock, no other room.
"""

from tallystick.standard.data_types import DATA_TYPES, IN_PROGRESS, DatasetStatus, DataType
from tallystick.standard.record import StandardRecord

__all__ = ["DATA_TYPES", "IN_PROGRESS", "DataType", "DatasetStatus", "StandardRecord"]
