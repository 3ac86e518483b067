"""Our signing keys in their files: nobody signs with a key that peers cannot know, and none that is needed goes away."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from frontoffice.kernel.signing import CACHED, KeyFiles, KeyRefused, SigningKey, former_keys
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.tokens import BadToken, Use, new_key, public_jwks, sign, verify_strict

USE = Use.published("x+jwt", issuer="https://portal.example", max_bytes=4096)
LATER = CACHED + timedelta(seconds=1)


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    made = KeyFiles(tmp_path / "signing.json", tmp_path / "public.json")
    made.prepare()
    return made


@contextmanager
def later(by: timedelta = LATER) -> Iterator[None]:
    with stopped_at(now() + by):
        yield


def names(path: Path) -> list[str]:
    return [one["kid"] for one in json.loads(path.read_text())["keys"]]


def signed(files: KeyFiles) -> str:
    return sign({"iss": "https://portal.example", "iat": int(now().timestamp()), "sub": "x"}, SigningKey(files.private).current(), "x+jwt")


def checked(files: KeyFiles, text: str) -> None:
    verify_strict(text, json.loads(files.public.read_text()), USE)


def test_the_first_key_signs_at_once(files: KeyFiles) -> None:
    (one,) = files.states()
    assert one.signs and one.is_published and not one.is_new
    checked(files, signed(files))


def test_the_public_file_holds_no_secret_and_the_private_one_is_for_its_owner(files: KeyFiles) -> None:
    files.prepare()
    assert files.private.stat().st_mode & 0o777 == 0o600
    assert all(set(one) == {"kty", "crv", "x", "y", "kid", "alg", "use"} for one in json.loads(files.public.read_text())["keys"])
    assert names(files.public) == names(files.private) and len(names(files.public)) == 2
    assert sorted(one.name for one in files.private.parent.iterdir()) == ["public.json", "signing.json", "signing.json.lock"]


def test_a_change_takes_its_time_and_both_keys_are_known_meanwhile(files: KeyFiles) -> None:
    before, old, begun = signed(files), names(files.private)[0], now()
    with stopped_at(begun):
        new = files.prepare()
    with pytest.raises(KeyRefused, match="Peers may not know"):
        files.use(new)
    with stopped_at(begun + CACHED - timedelta(seconds=2)), pytest.raises(KeyRefused):
        files.use(new)
    with later():
        files.use(new)
        assert names(files.private) == [new, old] and set(names(files.public)) == {new, old}
        for text in (before, signed(files)):
            checked(files, text)
        with pytest.raises(KeyRefused, match="signed until"):
            files.retire(old, {})
        with pytest.raises(KeyRefused, match="not delivered"), later():
            files.retire(old, {old: 3})
        with later():
            files.retire(old, {new: 5})
    assert names(files.private) == names(files.public) == [new]
    with pytest.raises(BadToken, match="unknown-key"):
        checked(files, before)
    # What it signed can still be checked by whoever keeps the paper.
    assert verify_strict(before, former_keys(files.public), USE)
    assert not {"d"} & set(former_keys(files.public)["keys"][0])


def test_what_is_refused_changes_nothing(files: KeyFiles) -> None:
    files.prepare()
    contents = [path.read_bytes() for path in (files.private, files.public)]
    first = names(files.private)[0]
    for refused in (files.prepare, lambda: files.use("nobody"), lambda: files.use(first), lambda: files.retire("nobody", {}), lambda: files.retire(first, {}, forced=True)):
        with pytest.raises(KeyRefused):
            refused()
    assert [path.read_bytes() for path in (files.private, files.public)] == contents


def test_what_is_forced_is_done(files: KeyFiles) -> None:
    old, new = names(files.private)[0], files.prepare()
    files.use(new, at_once=True)
    files.retire(old, {old: 3}, forced=True)
    assert names(files.private) == names(files.public) == [new]


def test_a_next_key_that_was_never_used_goes_without_a_trace(files: KeyFiles) -> None:
    files.retire(files.prepare(), {})
    assert len(names(files.private)) == 1 and former_keys(files.public) == {"keys": []}


def test_one_can_go_back_to_the_key_before(files: KeyFiles) -> None:
    old, new = names(files.private)[0], files.prepare()
    with later():
        files.use(new)
        files.use(old)
    assert names(files.private) == [old, new] and files.states()[0].used_until is None


def test_a_key_that_is_not_published_is_never_used(files: KeyFiles) -> None:
    new = files.prepare()
    published = json.loads(files.public.read_text())
    files.public.write_text(json.dumps({"keys": published["keys"][:1]}))
    with later(), pytest.raises(KeyRefused, match="nobody could check"):
        files.use(new, at_once=True)


def test_keys_that_were_put_there_by_hand_are_kept_as_they_are(tmp_path: Path) -> None:
    by_hand = [new_key(), new_key()]
    files = KeyFiles(tmp_path / "signing.json", tmp_path / "public.json")
    files.private.write_text(json.dumps({"keys": by_hand}))
    files.public.write_text(json.dumps(public_jwks({"keys": by_hand})))
    new = files.prepare()
    with later():
        files.use(new)
        files.retire(by_hand[1]["kid"], {})
    assert names(files.private) == [new, by_hand[0]["kid"]]
    assert [one["kid"] for one in former_keys(files.public)["keys"]] == [by_hand[1]["kid"]]


def test_two_changes_at_once_wait_for_each_other(files: KeyFiles) -> None:
    made: list[str] = []

    def prepare() -> None:
        try:
            made.append(files.prepare())
        except KeyRefused:
            made.append("")

    threads = [threading.Thread(target=prepare) for _one in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(map(bool, made)) == [False] * 7 + [True] and len(names(files.private)) == 2


def test_a_process_sees_a_change_and_survives_a_broken_file(files: KeyFiles, caplog: pytest.LogCaptureFixture) -> None:
    key = SigningKey(files.private)
    first = key.current()["kid"]
    new = files.prepare()
    assert key.current()["kid"] == first
    with later():
        files.use(new)
    assert key.current()["kid"] == new
    whole = files.private.read_text()
    for broken in (whole[:50], "", "[]", '{"keys": []}', '{"keys": [{"kid": "x"}]}', '{"keys": ["x"]}'):
        files.private.write_text(broken)
        assert key.current()["kid"] == new
    files.private.unlink()
    assert key.current()["kid"] == new
    files.private.write_text(whole)
    os.utime(files.private)
    assert key.current()["kid"] == new
    assert len(caplog.records) == 7 and all(whole[20:60] not in one.getMessage() for one in caplog.records)


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": [{"kid": "x"}]}', "[]", "null"])
def test_a_process_without_a_key_says_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "signing.json").write_text(content)
    with pytest.raises(ValueError):
        SigningKey(tmp_path / "signing.json").current()
    with pytest.raises(OSError):
        SigningKey(tmp_path / "absent.json").current()
