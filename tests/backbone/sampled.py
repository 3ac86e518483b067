"""The sample dossier of each procedure as the engine would read it, and a history of it, for those who test messages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from uuid import uuid4

from frontoffice.backbone.composition import Happened
from frontoffice.dossiers.given import GivenAnswers, GivenDocument, Participant
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import Procedure
from tests.backbone.evidence import sample_evidence

NOON = datetime(2026, 11, 23, 12, tzinfo=BRUSSELS)
SAMPLES = sorted(one.stem for one in Path(__file__).parents[1].joinpath("procedures", "samples").glob("*.py"))
MODULES = {name.replace("_", "-"): import_module(f"tests.procedures.samples.{name}") for name in SAMPLES}
DOSSIERS: Mapping[str, ModuleType] = {code: module for code, module in MODULES.items() if hasattr(module, "DOCUMENTS")}


def open_dossier(procedure: Procedure, sample: ModuleType) -> OpenDossier:
    """The sample's dossier as the engine would read it, just filed."""
    values = {name: text for page in sample.ANSWERS.values() for name, text in page.items()}
    known = {**values, **procedure.derive(values, NOON.date())}
    answers = {}
    for page in procedure.pages:
        if page.code in sample.ANSWERS:
            reading = page.form.read(page.form.raw_of(sample.ANSWERS[page.code]), known)
            answers[page.code] = GivenAnswers(content=reading.values, raw=reading.raw, complete=True, version=1)
    documents = [GivenDocument(uuid4(), code, f"{code}.pdf", "application/pdf", 9, "0" * 64, "checked", "", {}, procedure.first_role, NOON, None)
                 for code in sample.DOCUMENTS]
    outcome = procedure.competent(values)
    assert isinstance(outcome, Competence)
    reason = {"row": outcome.row, "text": outcome.reason.text, "source": outcome.source, "confidence": outcome.confidence}
    competent = Participant(uuid4(), outcome.role, "", outcome.authority, NOON, None, reason)
    return OpenDossier(
        id=uuid4(), number=dossier_number(2026, uuid4().int % 10**7, procedure.prefix), procedure=procedure, position=procedure.life.filing.gives, version=1, language="nl",
        created_at=NOON, filed_at=NOON, updated_at=NOON, worker_name="", employer_name="", region=None, municipality=None, due_on=None, confirmed_at=None,
        validated_at=None, refused_at=None, refusal=(), verified_at=None,
        roles=frozenset(), answers=answers, documents=documents, participants=[competent],
    )


def happened(procedure: Procedure, *steps: Step) -> list[Happened]:
    """The filing and then these steps; what came before the filing is left out."""
    return [Happened(id=uuid4(), seq=number, action=step.action, takes=sorted(step.takes), gives=sorted(step.gives), role=min(step.by),
                     happened_at=NOON + timedelta(days=number), evidence=said_with(procedure, step), message_id=None)
            for number, step in enumerate([procedure.life.filing, *steps], start=1)]


def said_with(procedure: Procedure, step: Step) -> dict[str, str]:
    """What a page of ours would keep with the step: texts, for its own questions."""
    names = {one.name for one in step.evidence}
    return {name: value if isinstance(value, str) else value[0] for name, value in sample_evidence(procedure, step).items() if name in names}
