"""A form: several questions read together, with what the law says about them as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from frontoffice.forms.fields import Choice, Field, Raw
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _

Values = Mapping[str, str]
Check = Callable[[Values, Values], Sequence[Problem]]
Complete = Callable[[Values], Values]


@dataclass(frozen=True)
class Reading:
    """What a form made of the raw answers: `values` are usable even when others have problems."""

    values: dict[str, str]
    raw: dict[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """Questions of one page. `check` compares answers; `complete` adds values that follow from others."""

    fields: Sequence[Field] = field(default_factory=tuple)
    check: Check | None = None
    complete: Complete | None = None

    def asked(self, answers: Values) -> list[Field]:
        """The questions that count, given the answers so far."""
        return [one for one in self.fields if one.when is None or one.when.holds(answers)]

    def read(self, raw: Raw, others: Values) -> Reading:
        """Read raw answers; `others` are the answers of the other pages (and facts derived from them)."""
        # PostgreSQL stores no NUL; its stand-in is refused by every question.
        kept = {name: raw.get(name, "")[:10_000].replace("\0", "\ufffd") for one in self.fields for name in one.raw_names()}
        values: dict[str, str] = {}
        problems: list[Problem] = []
        for one in self.fields:
            if one.when is not None and not one.when.holds({**others, **values}):
                continue
            try:
                values[one.name] = one.read(kept)
            except Wrong as wrong:
                problems.append(Problem(one.name, wrong.message, wrong.params))
        problems.extend(_not_offered(self.fields, values, others))
        if not problems:
            if self.complete:
                values.update(self.complete(values))
            if self.check:
                problems.extend(self.check(values, others))
        return Reading(values=values, raw=kept, problems=tuple(problems))

    def stands(self, values: Values, others: Values) -> bool:
        """Whether answers that were read without a problem still answer this form, next to what `others` say by now."""
        if any(not one.optional and not values.get(one.name) for one in self.asked({**others, **values})):
            return False
        if _not_offered(self.fields, values, others):
            return False
        return not (self.check and self.check(values, others))

    def raw_of(self, values: Values) -> dict[str, str]:
        """What the inputs must show for stored values."""
        return {name: text for one in self.fields for name, text in one.raw_of(values.get(one.name, "")).items()}


def _not_offered(fields: Sequence[Field], values: Values, others: Values) -> list[Problem]:
    """Options that were chosen although the other answers do not allow them."""
    known = {**others, **values}
    return [Problem(one.name, _("The other answers do not allow this choice: choose another one")) for one in fields
            if isinstance(one, Choice) and one.only and values.get(one.name) and not one.allows(values[one.name], known)]
