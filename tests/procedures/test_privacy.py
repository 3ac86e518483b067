"""Who may read what in every procedure: a guarantor has no part in the application of a guest (T22 of the acceptance tests)."""

import pytest

from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import Procedure, Role

OTHERS = [one for one in EDITIONS if one.filed_by != {Role.GUARANTOR}]


def by_code(procedure: Procedure) -> str:
    return f"{procedure.code}-{procedure.edition}"


@pytest.mark.parametrize("procedure", OTHERS, ids=by_code)
def test_a_guarantor_has_no_part_in_the_application_of_the_guest(procedure: Procedure) -> None:
    readers = [one.by | one.seen_by for one in procedure.pages if Role.APPLICANT in one.by]
    readers += [one.by | one.seen_by for one in procedure.documents if Role.APPLICANT in one.by]
    readers += [one.by for one in procedure.life.steps]
    readers += [one.roles for one in procedure.advice] + [one.roles for one in procedure.key_facts]
    assert not any(Role.GUARANTOR in one for one in readers)
    assert not any(one.lets_in == Role.GUARANTOR for one in procedure.life.steps)
