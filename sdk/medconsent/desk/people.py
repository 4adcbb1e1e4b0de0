"""People as a person reads them: by enrolment id, and one's own institution's by name where this machine knows it."""

from collections.abc import Iterable, Mapping

from medconsent.values.records import Actor, Person


class People:
    """How people are named on one screen. Names are for that screen alone: none of them is ever sent."""

    def __init__(self, institution: str = "", names: Mapping[str, str] | None = None) -> None:
        """
        Args:
            institution: The institution whose people have names here.
            names: Enrolment id -> name, as `medconsent.desk.names.StaffNames` reads them.
        """
        self._institution = institution
        self._names = names or {}

    def person(self, who: Person | Actor) -> str:
        """`nuri/kim`, or `nuri/kim (Kim Minji)`."""
        return f"{who.institution}/{self.member(who.institution, who.id)}"

    def people(self, institution: str, ids: Iterable[str]) -> str:
        """People of an institution in one line: `nuri/kim (Kim Minji), nuri/lee`.

        Args:
            institution: Whose people they are; names are known of one's own institution only.
            ids: Their enrolment ids.
        """
        return ", ".join(f"{institution}/{self.member(institution, one)}" for one in ids)

    def members(self, institution: str, ids: Iterable[str]) -> str:
        """The same where the institution is plain: `kim (Kim Minji), lee`.

        The arguments are those of `people`.
        """
        return ", ".join(self.member(institution, one) for one in ids)

    def member(self, institution: str, enrollment_id: str) -> str:
        """`kim`, or `kim (Kim Minji)`.

        Args:
            institution: Whose member it is; names are known of one's own institution only.
            enrollment_id: As the CA registered it.
        """
        name = self._names.get(enrollment_id) if institution == self._institution else None
        return f"{enrollment_id} ({name})" if name else enrollment_id
