"""Files of the state folder are private, whole, made once; two services never share a folder."""

import stat
from pathlib import Path

import pytest

from frontoffice.local.files import (
    FolderInUse,
    hold,
    made_once,
    make_secrets,
    remove_sockets,
    socket_folder,
    write_private,
)


def test_a_private_file_is_its_owners_and_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    write_private(file, "one")
    write_private(file, "two")
    assert file.read_text() == "two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_made_once_stays(tmp_path: Path) -> None:
    first = made_once(tmp_path / "secrets.json", make_secrets)
    assert made_once(tmp_path / "secrets.json", make_secrets) == first
    assert len(set(first.values())) == len(first)
    assert len(first["secret_key"]) >= 32


def test_a_folder_is_held_by_one_service(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(FolderInUse, match="already runs"):
        hold(tmp_path)
    hold(tmp_path).close()


def test_sockets_of_a_deep_folder_live_in_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    place = socket_folder(deep)
    assert len(str(place)) < 80
    assert socket_folder(deep) == place
    remove_sockets(deep)
    assert not place.exists()
