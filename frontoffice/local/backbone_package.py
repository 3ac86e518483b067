"""Opens a sealed package as its receiver would, brings what is in it to the backbone stand-in, and writes down the signed receipts."""

import argparse
import base64
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx
import pyrage

_MESSAGE: Final = re.compile(r"messages/[0-9]{4}-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jws")
_DOCUMENT: Final = re.compile(r"documents/([0-9a-f]{64})")
_LONGEST_MESSAGE: Final = 1024 * 1024
_MOST_ENTRIES: Final = 10_000
_PIECE: Final = 256 * 1024


class NotOpened(Exception):
    """The package is not what it should be, or the stand-in does not take it; the text says why."""


def take_in(package: Path, identity: Path, address: str) -> list[str]:
    """The receipt of each message in the package, in their order, once the stand-in has it with every document; raises NotOpened.

    What the stand-in had already changes nothing there. `identity` is a file as age-keygen writes it.
    """
    with tempfile.TemporaryFile() as plain:
        _decrypt(package, identity, plain)
        try:
            with zipfile.ZipFile(plain) as whole, httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
                return [_bring(http, whole, name, event) for name, event in _messages(whole)]
        except zipfile.BadZipFile as error:
            raise NotOpened(f"not a whole package: {error}") from error
        except httpx.HTTPError as error:
            raise NotOpened(f"the stand-in does not answer: {type(error).__name__}") from error


def _decrypt(package: Path, identity: Path, plain: BinaryIO) -> None:
    keys = [line.strip() for line in identity.read_text("ascii").splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        with package.open("rb") as sealed:
            pyrage.decrypt_io(sealed, plain, [pyrage.x25519.Identity.from_str(one) for one in keys])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        raise NotOpened(f"cannot be decrypted: {error}") from error


def _messages(whole: zipfile.ZipFile) -> list[tuple[str, str]]:
    """The names of the messages, each with its event, after a look at everything that is in the package."""
    entries = whole.infolist()
    names = [one.filename for one in entries]
    if len(names) > _MOST_ENTRIES or len(set(names)) < len(names):
        raise NotOpened("too many files, or two of one name")
    for one in entries:
        is_message = _MESSAGE.fullmatch(one.filename)
        if one.compress_type != zipfile.ZIP_STORED or not (is_message or _DOCUMENT.fullmatch(one.filename) or one.filename == "README.txt"):
            raise NotOpened("a file that does not belong there")
        if is_message and one.file_size > _LONGEST_MESSAGE:
            raise NotOpened("a message that is too long")
    found = sorted((one, match[1]) for one in names if (match := _MESSAGE.fullmatch(one)))
    if not found:
        raise NotOpened("no message in it")
    return found


def _bring(http: httpx.Client, whole: zipfile.ZipFile, name: str, event: str) -> str:
    """Bring one message and the documents that the stand-in misses; its receipt without missing ones."""
    content = whole.read(name)
    receipt = _post(http, content, event)
    missing = _claims(receipt)["missing"]
    if not missing:
        return receipt
    kinds = {one["sha256"]: one["media_type"] for one in _claims(content.decode("ascii", "replace"))["body"]["documents"]}
    for digest in missing:
        _put(http, whole, digest, kinds)
    return _post(http, content, event)


def _post(http: httpx.Client, content: bytes, event: str) -> str:
    answer = http.post("/messages", content=content, headers={"Content-Type": "application/jose", "Idempotency-Key": event})
    if not answer.is_success:
        raise NotOpened(f"a message is refused: {answer.status_code} {answer.text[:500]}")
    return answer.text


def _put(http: httpx.Client, whole: zipfile.ZipFile, digest: str, kinds: Mapping[str, str]) -> None:
    try:
        entry = whole.getinfo(f"documents/{digest}")
    except KeyError:
        raise NotOpened("a document is not in the package") from None
    headers = {"Content-Type": kinds[digest], "Content-Length": str(entry.file_size)}
    answer = http.put(f"/documents/{digest}", content=_pieces(whole, entry), headers=headers)
    if not answer.is_success:
        raise NotOpened(f"a document is refused: {answer.status_code} {answer.text[:500]}")


def _pieces(whole: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with whole.open(entry) as file:
        while piece := file.read(_PIECE):
            yield piece


def _claims(token: str) -> dict[str, Any]:
    """What a token says. The stand-in, which has checked it or signed it, is who is trusted."""
    middle = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def main() -> None:
    """Take a package in; ends with 1 and a line that says why when it cannot."""
    parser = argparse.ArgumentParser(prog="python -m frontoffice.local.backbone_package", description=__doc__)
    parser.add_argument("--package", type=Path, required=True, help="the sealed file")
    parser.add_argument("--identity", type=Path, required=True, help="the age identity that opens it, as age-keygen writes it")
    parser.add_argument("--address", required=True, help="of the stand-in, such as http://127.0.0.1:8005")
    parser.add_argument("--receipts", type=Path, required=True, help="where to write the signed receipts, one a line")
    wanted = parser.parse_args()
    try:
        receipts = take_in(wanted.package, wanted.identity, wanted.address)
        wanted.receipts.write_text("\n".join(receipts) + "\n", "ascii")
    except (NotOpened, OSError, UnicodeDecodeError) as problem:
        sys.exit(f"{wanted.package}: {problem}")
    print(f"{len(receipts)} messages taken in")


if __name__ == "__main__":
    main()
