"""The people who may try the local service: made up, with test numbers that satisfy the official checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from frontoffice.kernel.i18n import mark as _

CITIZENS, ENTERPRISES, OFFICIALS = "citizens", "enterprises", "officials"
INVITATION = "invitation"  # not a provider: this person comes by a link in a mail

# The level of assurance as eIDAS names it (Regulation (EU) 910/2014, article 8).
HIGH = "http://eidas.europa.eu/LoA/high"


@dataclass(frozen=True, kw_only=True)
class Realm:
    """One issuer of the local sign-in provider."""

    code: str
    kind: str
    title: str


REALMS = (
    Realm(code=ENTERPRISES, kind="enterprise", title=_("Enterprises and their mandataries")),
    Realm(code=CITIZENS, kind="citizen", title=_("Citizens and workers")),
    Realm(code=OFFICIALS, kind="official", title=_("Staff of an authority")),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """One made-up person; `about` says in a few words whom he or she acts for."""

    given_name: str
    family_name: str
    login: str
    language: str
    role: str
    provider: str
    about: str
    claims: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name as it is shown."""
        return f"{self.given_name} {self.family_name}"

    @property
    def id_token_claims(self) -> dict[str, object]:
        """Everything that the provider tells about the person, `sub` apart."""
        email = self.login if "@" in self.login else f"{self.login}@permit-window.example"
        return {
            "given_name": self.given_name, "family_name": self.family_name, "name": self.name, "locale": self.language,
            "email": email, "email_verified": True, "acr": HIGH, **self.claims,
        }


def _enterprise(number: str, name: str, capacity: str) -> dict[str, str]:
    return {"number": number, "name": name, "capacity": capacity}


def _for_enterprises(*enterprises: dict[str, str]) -> dict[str, object]:
    return {"enterprises": list(enterprises)}


def _handler(given_name: str, family_name: str, language: str, region: str, about: str) -> Person:
    return Person(
        given_name=given_name, family_name=family_name, login=f"handler.{region}", language=language, role="region",
        provider=OFFICIALS, about=about, claims={"authority": region, "territory": region},
    )


def _clerk(given_name: str, family_name: str, language: str, nis: str, place: str) -> Person:
    login = f"clerk.{place.lower().replace('è', 'e')}"
    return Person(
        given_name=given_name, family_name=family_name, login=login, language=language,
        role="municipality", provider=OFFICIALS, about=f"municipality of {place} ({nis})",
        claims={"authority": f"municipality-{nis}", "territory": nis},
    )


def _identity_clerk(given_name: str, family_name: str, language: str, login: str) -> Person:
    return Person(
        given_name=given_name, family_name=family_name, login=login, language=language, role="immigration-office",
        provider=OFFICIALS, about="identity clerk, Immigration Office", claims={"authority": "immigration-office"},
    )


def _operator(given_name: str, family_name: str, language: str) -> Person:
    return Person(
        given_name=given_name, family_name=family_name, login=f"operator.{given_name.lower()}", language=language, role="operator",
        provider=OFFICIALS, about="keeps the portal running; sees which hand-overs are stuck, and no dossier", claims={"authority": "operators"},
    )


PEOPLE: Sequence[Person] = (
    Person(given_name="Katrien", family_name="De Smet", login="katrien.desmet", language="nl", role="employer",
           provider=ENTERPRISES, about="HR manager, Havenlogistiek Antwerpen NV and Zorggroep Schelde VZW",
           claims=_for_enterprises(_enterprise("0999000129", "Havenlogistiek Antwerpen NV", "access-manager"),
                                   _enterprise("0999000228", "Zorggroep Schelde VZW", "access-manager"))),
    Person(given_name="Luc", family_name="Lambert", login="luc.lambert", language="fr", role="employer",
           provider=ENTERPRISES, about="manager, Ateliers Lambert SRL, Liège",
           claims=_for_enterprises(_enterprise("0999000327", "Ateliers Lambert SRL", "legal-representative"))),
    Person(given_name="Nora", family_name="El Idrissi", login="nora.elidrissi", language="fr", role="employer",
           provider=ENTERPRISES, about="manager, Idrissi Informatique SRL, Brussels",
           claims=_for_enterprises(_enterprise("0999000426", "Idrissi Informatique SRL", "legal-representative"))),
    Person(given_name="Helga", family_name="Schmitz", login="helga.schmitz", language="de", role="employer",
           provider=ENTERPRISES, about="manager, Schmitz Metallbau GmbH, Eupen",
           claims=_for_enterprises(_enterprise("0999000525", "Schmitz Metallbau GmbH", "legal-representative"))),
    Person(given_name="Thomas", family_name="Maes", login="thomas.maes", language="nl", role="mandatary",
           provider=ENTERPRISES, about="lawyer, Maes & Vandeput Advocaten BV",
           claims=_for_enterprises(_enterprise("0999000624", "Maes & Vandeput Advocaten BV", "legal-representative"))),
    Person(given_name="Rajesh", family_name="Kumar", login="rajesh.kumar@worker.example", language="en", role="worker",
           provider=INVITATION, about="worker abroad; comes by the link that an employer sends him"),
    Person(given_name="Sofia", family_name="Marques", login="sofia.marques", language="en", role="worker",
           provider=CITIZENS, about="worker who has a Belgian electronic card already"),
    Person(given_name="Meera", family_name="Nair", login="meera.nair", language="en", role="applicant",
           provider=CITIZENS, about="visits her brother in Ghent; files a visa C in Mumbai"),
    Person(given_name="Grace", family_name="Mbarga", login="grace.mbarga", language="fr", role="applicant",
           provider=CITIZENS, about="student abroad; asks for a visa D to study"),
    Person(given_name="Arjun", family_name="Mehta", login="arjun.mehta", language="en", role="applicant",
           provider=CITIZENS, about="researcher abroad with a hosting agreement; asks for a visa D"),
    Person(given_name="Camila", family_name="Rojas", login="camila.rojas", language="en", role="applicant",
           provider=CITIZENS, about="au pair abroad; asks for a visa D"),
    Person(given_name="Liam", family_name="Walker", login="liam.walker", language="en", role="applicant",
           provider=CITIZENS, about="asks for a visa D for a working holiday"),
    Person(given_name="Fatima Zahra", family_name="Bennis", login="fatima.bennis", language="fr", role="applicant",
           provider=CITIZENS, about="asks for a visa D to marry in Brussels"),
    Person(given_name="Selam", family_name="Tesfay", login="selam.tesfay", language="fr", role="applicant",
           provider=CITIZENS, about="asks for a humanitarian visa D"),
    Person(given_name="Rania", family_name="Khoury", login="rania.khoury", language="fr", role="applicant",
           provider=CITIZENS, about="asks for a visa D to join her husband in Antwerp"),
    Person(given_name="Pieter", family_name="Claessens", login="pieter.claessens", language="nl", role="employer",
           provider=ENTERPRISES, about="manager, Orgelbouw Claessens BV, Ghent",
           claims=_for_enterprises(_enterprise("0999000723", "Orgelbouw Claessens BV", "legal-representative"))),
    Person(given_name="Amina", family_name="Diallo", login="amina.diallo", language="fr", role="applicant",
           provider=CITIZENS, about="has worked in Brussels for three years; asks for the unlimited permit"),
    Person(given_name="Kofi", family_name="Mensah", login="kofi.mensah", language="en", role="applicant",
           provider=CITIZENS, about="visits friends in Antwerp; declares his arrival"),
    Person(given_name="Arjun", family_name="Nair", login="arjun.nair", language="nl", role="guarantor",
           provider=CITIZENS, about="lives in Ghent; signs a commitment (annex 3bis) for his sister Meera Nair"),
    Person(given_name="Joseph", family_name="Mbarga", login="joseph.mbarga", language="fr", role="guarantor",
           provider=CITIZENS, about="lives in Liège; signs a commitment (annex 32) for his niece Grace Mbarga"),
    _handler("Ilse", "Claes", "nl", "flanders", "case handler, Flemish Region"),
    _handler("Benoît", "Dumont", "fr", "wallonia", "case handler, Walloon Region"),
    _handler("Samira", "Benali", "fr", "brussels", "case handler, Brussels-Capital Region"),
    _handler("Dieter", "Pauels", "de", "german-speaking-community", "case handler, German-speaking Community"),
    _clerk("Jan", "Peeters", "nl", "11002", "Antwerpen"),
    _clerk("Chloé", "Lefèvre", "fr", "21004", "Bruxelles"),
    _clerk("Michel", "Renard", "fr", "62063", "Liège"),
    _clerk("Petra", "Küpper", "de", "63023", "Eupen"),
    _clerk("Lotte", "Wouters", "nl", "44021", "Gent"),
    _identity_clerk("Greet", "Janssens", "nl", "clerk.identity"),
    _identity_clerk("Paul", "Mertens", "fr", "clerk.identity2"),
    _operator("Wim", "Aerts", "nl"),
    _operator("Karin", "Lenz", "de"),
)


def people_of(realm: str) -> tuple[Person, ...]:
    """Who may sign in at one issuer, in the order of the list."""
    return tuple(one for one in PEOPLE if one.provider == realm)
