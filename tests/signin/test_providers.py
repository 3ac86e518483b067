"""A configuration that cannot work is refused before anybody signs in, and shows no secret."""

from pathlib import Path

import pytest

from frontoffice.settings import MissingSettings
from frontoffice.signin.providers import Provider, load_providers
from tests.signin.evil import providers_file, table

GOOD = table("https://sign-in.example/realm")


def test_a_file_with_one_table_each_is_read(tmp_path: Path) -> None:
    found = load_providers(providers_file(tmp_path, citizens=GOOD, staff={**GOOD, "kind": "official"}))
    assert list(found) == ["citizens", "staff"] and found["staff"].algorithms == ("ES256",)
    assert [one.idle_seconds for one in found.values()] == [3600, 900]
    assert "only-for-tests" not in repr(found)


@pytest.mark.parametrize("changes", [
    {"kind": "robot"}, {"auth_method": "none"}, {"client_secret": ""}, {"auth_method": "private_key_jwt"}, {"algorithms": ["HS256"]}, {"algorithms": []},
    {"algorithms": ["none"]}, {"issuer": "http://sign-in.example"}, {"issuer": "sign-in.example"},
    {"origins": ["http://elsewhere.example"]}, {"colour": "blue"},
], ids=str)
def test_what_cannot_work_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(MissingSettings):
        load_providers(providers_file(tmp_path, citizens={**GOOD, **changes}))


@pytest.mark.parametrize("content", ["[", "citizens = 1", "[citizens]\ncode = 'citizens'"])
def test_a_broken_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.toml").write_text(content)
    with pytest.raises(MissingSettings):
        load_providers(str(tmp_path / "broken.toml"))


@pytest.mark.parametrize(("address", "owned"), [
    ("https://sign-in.example/token", True), ("https://tokens.example/token", True), ("https://sign-in.example.evil.example/", False),
    ("https://sign-in.example:8443/token", False), ("http://sign-in.example/token", False), ("https://sign-in.example@evil.example/", False),
    ("//sign-in.example/token", False), ("javascript:alert(1)", False), ("", False), (None, False), (7, False), ("https://[", False),
])
def test_endpoints_lie_where_the_configuration_says(address: object, owned: bool) -> None:
    provider = Provider(**{**GOOD, "code": "citizens", "algorithms": ("ES256",), "origins": ("https://tokens.example",)})  # type: ignore[arg-type]
    assert provider.owns(address) is owned
