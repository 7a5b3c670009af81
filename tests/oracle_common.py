from . import oracle
from .common import ADDON, StrategyCase

# (language, first day of its week)
LANGUAGES = (("en_US", 7), ("nb_NO", 1), ("ar_001", 6))
PEOPLE = (
    # name, time zone, language, shared inbox, test address
    ("ada", "Europe/Oslo", 1, False, False),
    ("bea", "America/Santiago", 0, True, False),
    ("cid", "Australia/Lord_Howe", 2, True, False),
    ("dan", False, 1, False, False),
    ("eve", "Europe/Oslo", 1, False, True),
    ("fay", "Europe/Oslo", 1, False, False),
)
EMPLOYED = ("ada", "cid")
HOUSEHOLDS = {"ada": "tag", "bea": "tag", "dan": "street", "fay": "street"}
STREET = {"street": "Storgata 1", "zip": "0150", "city": "Oslo"}
COMPANY_TZ = "Asia/Kolkata"


class OracleCase(StrategyCase):
    """People of several clocks, who share inboxes, homes and an employer; for both the
    engine and the oracle."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code, week_start in LANGUAGES:
            lang = cls.env["res.lang"]._activate_lang(code)
            lang.week_start = str(week_start)
        cls.env.company.partner_id.write({"tz": COMPANY_TZ, "lang": "nb_NO"})
        cls.other = cls.env["res.company"].create({"name": "Other unit"})
        cls.profiles = cls.env["contact.profile"]
        cls.people = []
        firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        oracle.MATES.clear()
        for name, tz, language, shared, is_seed in PEOPLE:
            email = f"{'office' if shared else name}@oracle.test"
            number = f"+43660123456{0 if shared else len(cls.people)}"
            profile = cls._create_person(
                name, email=email, phone=number, tz=tz, lang=LANGUAGES[language][0]
            )
            profile.is_seed = is_seed
            if name in EMPLOYED:
                profile.partner_id.parent_id = firm
                profile.partner_id.lang = LANGUAGES[language][0]  # not the firm's
                oracle.MATES.setdefault(firm.id, set()).add(profile.id)
            if home := HOUSEHOLDS.get(name):
                oracle.MATES.setdefault(home, set()).add(profile.id)
            cls.profiles += profile
            cls.people.append(
                oracle.Person(
                    profile.id,
                    email,
                    tz or COMPANY_TZ,
                    LANGUAGES[language][1],
                    is_seed,
                    firm=firm.id if name in EMPLOYED else None,
                    number=number,
                    home=HOUSEHOLDS.get(name),
                )
            )
        cls._move_in()
        cls.env.flush_all()

    @classmethod
    def _move_in(cls):
        """Two have the same tag; two live where one of those is registered, too."""
        who = dict(zip((name for name, *_more in PEOPLE), cls.profiles, strict=True))
        tag = cls.env["contact.tag"].create(
            {
                "name": "Ada and Bea",
                "dimension_id": cls.env.ref(f"{ADDON}.contact_tag_dimension_home").id,
            }
        )
        for name in ("ada", "bea"):
            cls.env["contact.tag.assignment"].create(
                {
                    "profile_id": who[name].id,
                    "tag_id": tag.id,
                    "kind": "explicit",
                }
            )
        for name in ("bea", "dan", "fay"):
            who[name].partner_id.write(STREET)
