"""The operators' token: one secret for those who run the installation, given by reference."""

import hashlib
import hmac
import secrets
from typing import Final, Self

from attrs import field, frozen

from tallystick.config import Secret
from tallystick.errors import ConfigurationInvalid

_PREFIX: Final = "tallyop_"
_SHORTEST: Final = 24  #: characters


def new_operator_token() -> str:
    """256 random bits behind a prefix that secret scanners can know."""
    return _PREFIX + secrets.token_urlsafe(32)


@frozen
class OperatorToken:
    """What an operator's request is compared with; the token itself is not kept."""

    _digest: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: Secret) -> Self:
        """Read it. Raises: `ConfigurationInvalid` when it cannot be read or is too short to be one."""
        token = secret.reveal()
        if len(token) < _SHORTEST:
            raise ConfigurationInvalid(
                message=f"[server] operator_token is shorter than {_SHORTEST} characters: make one with "
                "`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`"
            )
        return cls(_hash(token))

    def admits(self, authorization: str) -> bool:
        """Whether an `Authorization` header carries it, as `Bearer TOKEN`. Takes the same time for all."""
        scheme, _, token = authorization.strip().partition(" ")
        same = hmac.compare_digest(_hash(token.strip()), self._digest)
        return same and scheme.lower() == "bearer"


def _hash(token: str) -> bytes:
    return hashlib.blake2b(
        token.encode("utf-8", "surrogatepass"), digest_size=32, person=b"tallystick-op"
    ).digest()
