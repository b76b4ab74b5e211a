"""Signatures of providers' messages to us."""

import base64
import binascii
import hmac
from hashlib import sha256


def is_signed(body: bytes, signature: str, key: str) -> bool:
    """Whether a header is the base64 of the HMAC-SHA256 of these very bytes. Never raises.

    An empty key signs nothing. It is compared in constant time.
    """
    try:
        told = base64.b64decode(signature.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(key) and hmac.compare_digest(told, hmac.digest(key.encode(), body, sha256))
