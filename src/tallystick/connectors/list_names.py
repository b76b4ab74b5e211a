"""Names of a provider's lists as clients write them: plain words, so that none can lead elsewhere."""

import re
from typing import Final

from tallystick.connectors.contract import SourceUnknown

LONGEST: Final = 100  #: characters
#: A word, or up to three with a slash between. No dot, colon, percent sign or question mark: no host, no way
#: up, no parameter.
_PLAIN: Final = re.compile(r"/?[A-Za-z][A-Za-z0-9_]*(?:/[A-Za-z][A-Za-z0-9_]*){0,2}", re.ASCII)


def check_plain(source: str, example: str) -> None:
    """Refuse anything but words. Raises: `SourceUnknown`, which shows `example`."""
    if len(source) > LONGEST or _PLAIN.fullmatch(source) is None:
        told = f"is no name of a list: words of letters, digits and _ such as {example}"
        raise SourceUnknown(f"{told}, {LONGEST} characters at most")


def spoken(source: str) -> str:
    """A name without its slash, in lower case: by it two spellings are told to be the same."""
    return source.strip("/").lower()
