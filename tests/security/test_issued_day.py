"""The day of issue beside a file: a field of a form that arrives in pieces, where a person may write anything."""

import pytest

from frontoffice.kernel.time import today
from tests.security.stage import Play, Visitor

PDF = b"%PDF-1.4\n%%EOF\n"
Fields = tuple[tuple[str, str], ...]


def day(day: str, month: str, year: str) -> Fields:
    return (("issued-day", day), ("issued-month", month), ("issued-year", year))


REFUSED: tuple[Fields, ...] = (
    day("30", "2", "2026"), day("0", "1", "2026"), day("1", "13", "2026"), day("1", "1", "0000"), day("1", "1", "99999"), day("-1", "1", "2026"), day("1e1", "1", "2026"),
    day("<b>", "1", "2026"), day("1", "%00", "2026"), day("1", "1", "2026\u202e"), day("1", "1", ""), day("", "", "x" * 20_000), day("9" * 5_000, "1", "2026"),
    day("1", "1", "' OR 1=1--"), day("{{7*7}}", "1", "2026"), day("1", "1", "1e309"), day("1", "1", str(today().year + 1)), day("🗓", "1", "2026"),
    # A second field of the same name counts as the last one: a wrong one after a right one is refused.
    (*day("1", "1", "2026"), ("issued-month", "99")),
)


async def send(visitor: Visitor, path: str, fields: Fields, *, file_first: bool = False) -> int:
    boundary = "x" * 30
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'.encode() + PDF + b"\r\n"
    text = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode() + b"\r\n" for name, value in fields)
    token = f'--{boundary}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.token}\r\n'.encode()
    body = token + (file + text if file_first else text + file) + f"--{boundary}--\r\n".encode()
    answer = await visitor.ask("POST", path, content=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"})
    return answer.status_code


@pytest.mark.parametrize("file_first", [False, True])
async def test_a_day_that_cannot_be_keeps_the_file_out(play: Play, file_first: bool) -> None:
    visitor, path, before = play.visitor("employer"), play.address("upload-document", requirement="contract"), await play.sums()
    for fields in REFUSED:
        assert await send(visitor, path, fields, file_first=file_first) in (400, 422), fields
    assert await play.sums() == before


async def test_fields_that_nobody_asked_for_change_nothing(play: Play) -> None:
    visitor, path = play.visitor("employer"), play.address("upload-document", requirement="contract")
    columns = ("state", "given_by", "given_role", "given_at", "dossier_id", "requirement", "sha256", "size", "media_type", "handed_over_at", "issued_on", "issued", "pages")
    assert await send(visitor, path, tuple((name, "2020-01-01") for name in columns) + day("2", "1", "2026")) == 303
    [row] = await play.portal.sql("SELECT state, given_role, requirement, size, issued_on::text, handed_over_at FROM document ORDER BY given_at DESC LIMIT 1")
    assert tuple(row) == ("received", "employer", "contract", len(PDF), "2026-01-02", None)
    assert await send(visitor, path, tuple((f"f{nth}", "x") for nth in range(300))) == 400
    assert await send(visitor, path, (("issued-day", "x" * 20_001),)) == 413


async def test_the_day_is_nobody_elses_to_say(play: Play) -> None:
    """The employer dates no document of the worker, strangers and authorities date none; what was refused is not read."""
    before = await play.sums()
    for role, requirement in (("employer", "medical-certificate"), ("employer", "passport"), ("worker", "signatory-identity"), ("other-employer", "contract"),
                              ("region", "contract"), ("visitor", "contract"), ("ended-mandatary", "contract")):
        status = await send(play.visitor(role), play.address("upload-document", requirement=requirement), day("2", "1", "2026"))
        assert status in (303, 403, 404), (role, requirement, status)
    assert await play.sums() == before
