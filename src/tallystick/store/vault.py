"""Keys: one key-encryption key from outside, a data key for each database, sealed small secrets.

The key-encryption key (KEK) wraps the data keys and does nothing else, so that changing it re-wraps a
few bytes and no data. A data key opens one SQLCipher file; what is derived from it seals the OAuth
tokens inside that file once more. AES-256-GCM throughout; what a ciphertext is for is its associated
data, so that none can be moved to another place.
"""

import base64
import binascii
import hashlib
import os
from typing import Final

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tallystick.errors import ConfigurationInvalid, StoreUnusable

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def key_text(key: bytes) -> str:
    """A key as it stands in a key file: base64."""
    return base64.b64encode(key).decode()


def parse_key(text: str) -> bytes:
    """32 bytes from base64 or hex. Raises: `ConfigurationInvalid`."""
    stripped = text.strip()
    for decode in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
        try:
            key = decode(stripped)
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            return key
    raise ConfigurationInvalid(
        message="the key is not 32 bytes in base64 or hex; `tallystick init` makes a good one"
    )


@frozen(eq=False)
class Vault:
    """Seals and opens with one key. The key never shows."""

    _key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tell keys apart and reveal nothing of them."""
        return hashlib.blake2b(self._key, digest_size=4, person=b"tallystick-key").hexdigest()

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Version, nonce and ciphertext; opens only for the same purpose."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + AESGCM(self._key).encrypt(nonce, secret, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The secret. Raises: `StoreUnusable` when the key, the purpose or a bit is not right."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION:
            raise StoreUnusable(message=f"{purpose} was sealed by another release")
        try:
            return AESGCM(self._key).decrypt(nonce, ciphertext, purpose.encode())
        except InvalidTag as error:
            raise StoreUnusable(message=f"{purpose} cannot be opened with this key") from error

    def derive(self, purpose: str) -> "Vault":
        """A vault whose key is made from this one, for one purpose only."""
        return Vault(HKDF(SHA256(), KEY_BYTES, None, purpose.encode()).derive(self._key))
