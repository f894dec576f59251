"""What is said and who said it is unreadable in the database file.

Text is AES-256-GCM with a fresh nonce. A number is looked up by a keyed hash,
so that equal numbers meet without being readable.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from hub.errors import Misconfigured

NONCE_BYTES = 12


class Cipher:
    """Encrypts text and hashes addresses with keys derived from one setting."""

    def __init__(self, key: str) -> None:
        try:
            secret = base64.urlsafe_b64decode(key)
        except ValueError as error:
            raise Misconfigured(
                "GOODHELP_ENCRYPTION_KEY is not URL-safe base64; `goodhelp keys` makes one"
            ) from error
        if len(secret) < 32:
            raise Misconfigured(
                "GOODHELP_ENCRYPTION_KEY needs 32 random bytes; `goodhelp keys` makes one"
            )
        self._aead = AESGCM(_derive(secret, b"goodhelp text"))
        self._index = _derive(secret, b"goodhelp address")

    def seal(self, text: str) -> bytes:
        """Encrypt; the nonce stands in front of the result."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)

    def open(self, sealed: bytes) -> str:
        """Decrypt. Raises Misconfigured where the key is not the one that sealed it."""
        try:
            plain = self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise Misconfigured(
                "GOODHELP_ENCRYPTION_KEY is not the key this database was written with"
            ) from error
        return plain.decode("utf-8", "surrogatepass")

    def blind(self, value: str) -> str:
        """A keyed hash: the same for the same value, and tells nothing else."""
        return hmac.new(self._index, value.encode(), hashlib.sha256).hexdigest()


class Sealed(TypeDecorator[str]):
    """A text column that is encrypted at rest. The engine's dialect carries the cipher."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _cipher(dialect).seal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _cipher(dialect).open(bytes(value))


class SealedJson(TypeDecorator[Any]):
    """A JSON column that is encrypted at rest."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else _cipher(dialect).seal(json.dumps(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(_cipher(dialect).open(bytes(value)))


def new_key() -> str:
    """A fresh key for `GOODHELP_ENCRYPTION_KEY` or `GOODHELP_SECRET_KEY`."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _cipher(dialect: Dialect) -> Cipher:
    cipher: Cipher = dialect.goodhelp_cipher  # type: ignore[attr-defined]
    return cipher


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
