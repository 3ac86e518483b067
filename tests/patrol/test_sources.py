"""Modules stay short, and what only one of them may do no other does."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from frontoffice.backbone import model as backbone_model
from frontoffice.dossiers import model as dossier_model
from frontoffice.identities import model as identity_model
from frontoffice.jobs import JOBS
from frontoffice.kernel.database import Base
from frontoffice.notices import model as notice_model
from frontoffice.parties import model as party_model
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import Procedure
from frontoffice.routes import QUEUED
from frontoffice.signin import model as signin_model
from tests.patrol.conftest import PACKAGE, ROOT, modules, parsed

MODULES = [one for one in modules("frontoffice") if "versions" not in one.parts]
READS_THE_ENVIRONMENT = {"settings.py", "cli.py", "commands/serving.py"}
LONGER_ON_PURPOSE = {"procedures/shared/steps.py: step",
    "dossiers/actions.py: _record", "parties/invitations.py: invite", "signin/oidc.py: _id_token",
}
MODELS = (backbone_model, dossier_model, identity_model, notice_model, party_model, signin_model)


def named(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def functions(module: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [one for one in ast.walk(parsed(module)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_module_is_longer_than_300_lines() -> None:
    long = {named(one): count for one in MODULES if (count := len(one.read_text("utf-8").splitlines())) > 300}
    assert not long


def test_every_module_says_what_it_is_responsible_for() -> None:
    silent = [named(one) for one in MODULES if one.name != "__init__.py" and not ast.get_docstring(parsed(one))]
    assert not silent


def test_no_function_asks_for_more_than_five_by_position() -> None:
    """Handlers name what is put into them; a row of a table of law and the writing of one event are longer on purpose."""
    wide = []
    for module in MODULES:
        for one in functions(module):
            mine = [argument for argument in (*one.args.posonlyargs, *one.args.args) if argument.arg not in ("self", "cls")]
            handler = any(isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id in ("get", "post") for mark in one.decorator_list)
            if len(mine) > 5 and not handler:
                wide.append(f"{named(module)}: {one.name}")
    assert set(wide) <= LONGER_ON_PURPOSE


def test_only_settings_read_the_environment() -> None:
    found = {
        named(module) for module in MODULES
        if re.search(r"\bos\.(environ|getenv)|from os import .*\b(environ|getenv)", module.read_text("utf-8"))
    }
    assert {one for one in found if not one.startswith("local/")} <= READS_THE_ENVIRONMENT


def test_nobody_calls_commit() -> None:
    """Returning commits, raising rolls back; only the migrations open a connection of their own."""
    found = [
        named(module) for module in MODULES for call in ast.walk(parsed(module))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback")
    ]
    # A savepoint that turns out not to be needed is undone in the one place that makes people.
    assert set(found) <= {"migrations/env.py", "signin/sessions.py"}


def test_time_comes_from_one_place() -> None:
    found = [
        named(module) for module in MODULES
        if re.search(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(\)", module.read_text("utf-8")) and named(module) != "kernel/time.py"
    ]
    assert not [one for one in found if not one.startswith("local/")]


def test_sql_is_never_put_together_from_texts() -> None:
    """An f-string or a sum inside text() would let an answer become SQL."""
    wrong = []
    for module in MODULES:
        for call in ast.walk(parsed(module)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "text" and call.args:
                if not isinstance(call.args[0], ast.Constant | ast.Name):
                    wrong.append(f"{named(module)}:{call.lineno}")
    assert not wrong


def test_nothing_is_left_for_later() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b|breakpoint\(\)|\bprint\(")
    found = [named(one) for one in MODULES if unfinished.search(one.read_text("utf-8")) and not named(one).startswith(("local/", "commands/")) and one.name != "cli.py"]
    assert not found


def _constraints(metadata: MetaData) -> list[str]:
    tables = metadata.tables.values()
    named_things = [one.name for table in tables for one in table.constraints] + [one.name for table in tables for one in table.indexes]
    assert None not in named_things
    return [str(one) for one in named_things]


def test_every_constraint_has_a_name_that_fits_postgresql() -> None:
    assert all(one.Base is Base for one in MODELS if hasattr(one, "Base"))
    names = _constraints(Base.metadata)
    assert len(names) > 40
    assert not [one for one in names if not re.fullmatch(r"(pk|fk|uq|ck|ix)_[a-z0-9_]{1,59}", one)]
    assert len(set(names)) == len(names)


def test_tables_are_singular_snake_case() -> None:
    assert not [one for one in Base.metadata.tables if not re.fullmatch("[a-z]+(_[a-z]+)*", one) or re.search("[^s]s$", one)]


def test_migrations_follow_each_other() -> None:
    versions = sorted(one for one in (PACKAGE / "migrations" / "versions").glob("*.py") if one.name != "__init__.py")
    before = None
    for number, module in enumerate(versions, 1):
        assert re.fullmatch(rf"{number:04}_[a-z]+(_[a-z]+)*\.py", module.name)
        told = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in parsed(module).body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
        }
        assert (told["revision"], told["down_revision"]) == (f"{number:04}", before)
        assert {one.name for one in functions(module)} >= {"upgrade", "downgrade"}
        before = told["revision"]


def test_the_wheel_carries_templates_catalogues_and_static_files() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["frontoffice"]
    assert wheel["force-include"] == {name: f"frontoffice/{name}" for name in ("templates", "locales", "static")}


@pytest.mark.parametrize("procedure", EDITIONS, ids=lambda one: f"{one.code} {one.edition}")
def test_every_position_reaches_an_end(procedure: Procedure) -> None:
    life = procedure.life
    positions, open_positions, leads = {life.start}, [life.start], {}
    while open_positions:
        here = open_positions.pop()
        leads[here] = {life.after(here, step) for step in life.open_steps(here)}
        open_positions += [one for one in leads[here] if one not in positions]
        positions |= leads[here]
    ending = {one for one in positions if one & life.final}
    while more := {one for one in positions - ending if leads[one] & ending}:
        ending |= more
    assert positions == ending
    assert frozenset().union(*positions) == life.states()
    assert all(life.headline(one) for one in positions)
    assert {step.action for step in life.steps} == {step.action for one in positions for step in life.open_steps(one)}


def test_every_job_that_is_queued_by_name_exists() -> None:
    known = {job.name for job in JOBS}
    assert set(QUEUED) <= known
    written = {name for one in MODULES for name in re.findall(r'defer\(\s*session, "([a-z:_-]+)"', one.read_text("utf-8"))}
    assert written, "nothing is queued by name any more?"
    assert written | {job for procedure in EDITIONS for step in procedure.life.steps for job in step.then} <= known


def test_what_the_papers_point_at_is_there() -> None:
    links = [link for paper in ("README.md", "ARCHITECTURE.md") for link in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / paper).read_text("utf-8"))]
    assert len(links) > 5 and not [one for one in links if not (ROOT / one).exists()]


def test_the_tree_names_every_package_and_migration() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    packages = [one.parent.name for one in PACKAGE.glob("*/__init__.py")]
    assert len(packages) > 10 and not [one for one in packages if f"\n  {one}/ " not in told]
    numbers = [one.name[:4] for one in (PACKAGE / "migrations" / "versions").glob("0*.py")]
    assert numbers and not [one for one in numbers if f"{one} " not in told]
