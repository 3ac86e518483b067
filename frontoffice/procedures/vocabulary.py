"""The words in which a procedure is written: who, which questions, which documents, which fees, which clocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frontoffice.forms.conditions import Condition
from frontoffice.forms.fields import Choice, Field
from frontoffice.forms.form import Form
from frontoffice.kernel.message import Message
from frontoffice.procedures.competence import Outcome
from frontoffice.procedures.lifecycle import Lifecycle


class Role:
    """How a party is related to one dossier; words of the table in the architecture."""

    EMPLOYER = "employer"
    MANDATARY = "mandatary"
    WORKER = "worker"
    REGION = "region"
    IMMIGRATION_OFFICE = "immigration-office"
    DIPLOMATIC_POST = "diplomatic-post"
    MUNICIPALITY = "municipality"
    APPLICANT = "applicant"
    GUARANTOR = "guarantor"
    FORMER_REGION = "former-region"


FILERS = frozenset({Role.EMPLOYER, Role.MANDATARY})
AUTHORITIES = frozenset({Role.REGION, Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST, Role.MUNICIPALITY})
# A Region that passed a dossier on reads what it held until then, and does nothing more.
READERS = AUTHORITIES | {Role.FORMER_REGION}
CITIZENS = frozenset({Role.WORKER, Role.APPLICANT, Role.GUARANTOR})
# Those who meet in a dossier that an employer files; a guarantor or an applicant has no part in it.
EVERYONE = FILERS | AUTHORITIES | {Role.WORKER}
NOT_THE_EMPLOYER = EVERYONE - FILERS
NOT_THE_WORKER = EVERYONE - {Role.WORKER}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of questions: `by` may fill it in, `seen_by` may read its answers.

    The answers of a page that is `kept_for_next` are there already when the same employer starts the next dossier.
    """

    code: str
    section: str
    title: str
    by: frozenset[str]
    seen_by: frozenset[str]
    form: Form
    intro: str = ""
    when: Condition | None = None
    kept_for_next: bool = False
    prefill: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentRequirement:
    """A document that the law asks for; `by` brings it, `seen_by` may open it.

    `max_age` is the figure that says how old it may be on the day of filing; `mentions` are what it must state, each a msgid.
    """

    code: str
    title: str
    by: frozenset[str]
    seen_by: frozenset[str] = EVERYONE
    hint: str = ""
    required: bool = True
    when: Condition | None = None
    source: str = ""
    confidence: str = "U"
    max_age: str = ""
    translation: bool = False
    legalisation: bool = False
    mentions: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A legal period: starts at an event, lasts a figure, stops at events, waits in states; it is there `when` that holds.

    `of` are the roles whose own time it is; nobody else reads it as his or her last day. Empty: of whoever's turn it is.
    """

    code: str
    title: str
    starts: frozenset[str]
    stops: frozenset[str]
    figure: str
    paused_in: frozenset[str] = frozenset()
    on_expiry: str = ""
    when: Condition | None = None
    category: str = ""
    of: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Who need not pay, with the text that says so."""

    when: Condition
    title: str
    source: str
    confidence: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A condition of the law in plain words: its %(amount)s, %(count)s, %(text)s are those of the figure in force.

    `region` looks the figure up for that Region, else it is the competent one. `met` answers whether these answers meet it: None as long as nobody can tell.
    """

    text: str
    figure: str = ""
    category: str = ""
    region: str = ""
    when: Condition | None = None
    met: Callable[[Mapping[str, str], date], bool | None] | None = None
    source: str = ""
    confidence: str = "U"


@dataclass(frozen=True, kw_only=True)
class Fee:
    """An amount that somebody pays somewhere; a fee paid `by_transfer` gets a slip with its reference.

    `category` looks the figure up under that category; the first exemption that holds makes it nothing.
    """

    code: str
    title: str
    figure: str
    payer: str
    where: str
    when: Condition | None = None
    category: str = ""
    by_transfer: bool = False
    exempt: Sequence[Exemption] = ()


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A stage that readers may expect on the usual way, `when` that holds; reached once one of `states` was given."""

    title: str
    states: frozenset[str]
    role: str
    when: Condition | None = None


@dataclass(frozen=True)
class Remark:
    """What the law's figures say of the answer `about` a question; it blocks nothing. `doubtful` ones ask for a second look.

    `rows` show how it was computed, line by line.
    """

    about: str
    message: Message
    source: str
    confidence: str
    doubtful: bool = False
    rows: Sequence[tuple[Message, Message]] = ()


@dataclass(frozen=True, kw_only=True)
class AppealRoute:
    """Where one appeals against a refusing step, and the figure that says how long."""

    body: str
    figure: str


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What these roles must know in these states, `when` that holds; `to_do` when they have to do it themselves, outside this portal.

    With `figure` the text holds its %(count)s, and source and confidence are the figure's.
    """

    states: frozenset[str]
    roles: frozenset[str]
    text: str
    to_do: bool = False
    figure: str = ""
    source: str = ""
    confidence: str = "U"
    when: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class KeyFact:
    """Answers that these roles need at once, in one row; with `said_with` they are taken from that step instead of the form."""

    title: str
    questions: Sequence[str]
    roles: frozenset[str]
    labelled: bool = False
    said_with: str = ""


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """What the law asks, as one value; a dossier keeps the edition under which it was filed.

    `awaits` is the figure that must say "on" before the edition is in force; `commitment` is the question that holds the
    number of a guarantor's commitment; `information` the page that explains the procedure; `renewal` holds the figures that say how
    long before its end what was granted can, and must, be renewed.
    """

    code: str
    edition: str
    title: str
    legal_basis: str
    prefix: str
    filed_by: frozenset[str]
    life: Lifecycle
    sections: Sequence[tuple[str, str]]
    pages: Sequence[Page]
    documents: Sequence[DocumentRequirement]
    clocks: Sequence[Clock]
    fees: Sequence[Fee]
    valid_from: date
    derive: Callable[[Mapping[str, str], date], Mapping[str, str]]
    derived: frozenset[str]
    advice: Sequence[Advice] = ()
    key_facts: Sequence[KeyFact] = ()
    competent: Callable[[Mapping[str, str]], Outcome | None]
    remarks: Callable[[Mapping[str, str], date], Sequence[Remark]]
    milestones: Sequence[Milestone]
    appeals: Mapping[str, AppealRoute]
    summary: str = ""
    decides: str = ""
    rules: Sequence[Rule] = ()
    information: str = ""
    awaits: str = ""
    commitment: str = ""
    renewal: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself; raises ValueError with the first fault found."""
        names: set[str] = set(self.derived)
        sections = {code for code, _title in self.sections}
        for page in self.pages:
            if page.section not in sections:
                raise ValueError(f"{page.code}: unknown section {page.section}")
            for one in page.form.fields:
                if one.name in names:
                    raise ValueError(f"the question {one.name} is asked twice")
                names.add(one.name)
        self._check_conditions(names)
        self._check_roles_and_clocks()

    def _check_conditions(self, names: set[str]) -> None:
        conditions = [page.when for page in self.pages] + [one.when for one in self.documents] + [one.when for one in self.fees]
        conditions += [one.when for page in self.pages for one in page.form.fields]
        conditions += [one.when for one in self.clocks] + [one.when for one in self.rules]
        conditions += [one.when for one in self.advice] + [one.when for one in self.milestones]
        conditions += [one.when for fee in self.fees for one in fee.exempt]
        conditions += [one for page in self.pages for choice in page.form.fields if isinstance(choice, Choice) for one in choice.only.values()]
        for condition in conditions:
            if condition and (unknown := condition.questions() - names):
                raise ValueError(f"a condition asks for {sorted(unknown)}, which nobody asked")

    def _check_roles_and_clocks(self) -> None:
        roles = {role for page in self.pages for role in page.by | page.seen_by} | self.life.roles()
        if strangers := roles - EVERYONE - CITIZENS:
            raise ValueError(f"unknown roles {sorted(strangers)}")
        for clock in self.clocks:
            if lost := (clock.starts | clock.stops) - self.life.actions() or clock.paused_in - self.life.states():
                raise ValueError(f"the clock {clock.code} knows {sorted(lost)}, the life does not")

    @property
    def first_role(self) -> str:
        """The role of whoever begins the dossier."""
        return Role.EMPLOYER if Role.EMPLOYER in self.filed_by else next(iter(self.filed_by))

    def page(self, code: str) -> Page | None:
        """The page of that code, if there is one."""
        return next((one for one in self.pages if one.code == code), None)

    def requirement(self, code: str) -> DocumentRequirement | None:
        """The document requirement of that code, if there is one."""
        return next((one for one in self.documents if one.code == code), None)


def field_of(procedure: Procedure, name: str) -> Field | None:
    """The question of that name, wherever it is asked."""
    return next((one for page in procedure.pages for one in page.form.fields if one.name == name), None)
