"""The people, groups and channels of a workspace, and Acme: the ones it comes with."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Entry(BaseModel):
    """A frozen, closed record of the cast."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Team(Entry):
    """A Slack workspace."""

    id: str
    name: str
    domain: str


class Person(Entry):
    """A user of the workspace, human or not. `tz` is an IANA zone; `updated_at` is in Unix seconds."""

    id: Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")]
    name: str
    real_name: str
    email: str | None = None
    tz: str = "Etc/UTC"
    title: str = ""
    team_id: str = "T0ACME"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    is_workflow_bot: bool = False
    is_connector_bot: bool = False
    is_app_user: bool = False
    deleted: bool = False
    updated_at: int = 1_700_000_000

    @property
    def is_guest(self) -> bool:
        """Whether Slack shows this person as a guest."""
        return self.is_restricted or self.is_ultra_restricted


class Group(Entry):
    """A user group. `handle` comes without the @."""

    id: Annotated[str, Field(pattern=r"^S[A-Z0-9]{2,20}$")]
    handle: str
    name: str
    members: tuple[str, ...] = ()
    deleted: bool = False
    updated_at: int = 1_700_000_000


class Channel(Entry):
    """A conversation. `members` holds the app's user too where it was invited; `name` is empty for DMs."""

    id: Annotated[str, Field(pattern=r"^[CDG][A-Z0-9]{2,40}$")]
    name: str = ""
    members: tuple[str, ...] = ()
    topic: str = ""
    is_im: bool = False
    is_mpim: bool = False
    is_private: bool = False
    is_archived: bool = False
    is_general: bool = False
    is_ext_shared: bool = False
    is_read_only: bool = False
    is_deleted: bool = False
    created_at: int = 1_700_000_000
    is_thread_only: bool = False
    is_non_threadable: bool = False
    is_limited_access: bool = False

    @property
    def posting(self) -> str:
        """What members may post: `everyone` (anything), `read_only`, `thread_only` or `no_threads`."""
        if self.is_read_only:
            return "read_only"
        return "thread_only" if self.is_thread_only else "no_threads" if self.is_non_threadable else "everyone"


class App(Entry):
    """The app under test, as installed in this workspace."""

    id: str = "A0APPROVE"
    name: str = "approvalbot"
    user_id: str = "U0APPROVE"
    bot_id: str = "B0APPROVE"


class Cast(Entry):
    """Who and what is there when the workspace starts for the first time."""

    team: Team
    other_team: Team
    app: App = App()
    people: tuple[Person, ...]
    groups: tuple[Group, ...] = ()
    channels: tuple[Channel, ...]

    @model_validator(mode="after")
    def _is_closed(self) -> Self:
        people = {person.id for person in self.people}
        rosters = [(one.name, one.members) for one in self.groups] + [(one.name, one.members) for one in self.channels]
        for name, members in rosters:
            if strangers := set(members) - people:
                raise ValueError(f"{name}: member {min(strangers)!r} is not in the cast")
        ids = [*(one.id for one in self.people), *(one.id for one in self.groups), *(one.id for one in self.channels)]
        if len(ids) != len(set(ids)):
            raise ValueError("an id stands twice in the cast")
        if self.app.user_id not in people:
            raise ValueError("the app's own user is not in the cast")
        return self


FULL_MEMBERS = ("U0ANN", "U0BOB", "U0CAT", "U0DAN", "U0EVE", "U0CIBOT")
WITH_APP = (*FULL_MEMBERS, "U0APPROVE")

PEOPLE = (
    Person(id="U0ANN", name="ann", real_name="Ann Ames", email="ann@example.com", tz="Europe/Paris", title="Security"),
    Person(id="U0BOB", name="bob", real_name="Bob Bell", email="bob@example.com", tz="America/New_York", title="SRE"),
    Person(
        id="U0CAT",
        name="cat",
        real_name="Cat Cole",
        email="cat@example.com",
        tz="Europe/London",
        title="Head of platform",
        is_admin=True,
        is_owner=True,
    ),
    Person(
        id="U0DAN",
        name="dan",
        real_name="Dan Dean",
        email="dan@example.com",
        tz="America/Los_Angeles",
        title="Service owner",
    ),
    Person(id="U0EVE", name="eve", real_name="Eve Eade", email="eve@example.com", tz="Asia/Tokyo", title="Engineer"),
    Person(
        id="U0GUS",
        name="gus",
        real_name="Gus Guest",
        email="gus@example.com",
        tz="Europe/Berlin",
        title="Contractor",
        is_restricted=True,
    ),
    Person(
        id="U0OLG",
        name="olga",
        real_name="Olga Outsider",
        email="olga@partner.example",
        tz="Europe/Warsaw",
        title="Partner",
        team_id="T0OTHER",
        is_stranger=True,
    ),
    Person(id="U0CIBOT", name="ci-bot", real_name="ci-bot", title="Another app", is_bot=True),
    Person(
        id="U0ZED",
        name="zed",
        real_name="Zed Zorn",
        email="zed@example.com",
        tz="Europe/Madrid",
        title="Left Acme",
        deleted=True,
    ),
    Person(id="U0APPROVE", name="approvalbot", real_name="approvalbot", is_bot=True),
)

GROUPS = (
    Group(id="S0SECONCALL", handle="sec-oncall", name="Security on call", members=("U0ANN", "U0BOB")),
    Group(id="S0AWSLEADS", handle="aws-platform-leads", name="AWS platform leads", members=("U0ANN", "U0CAT")),
    Group(id="S0SECMANAGERS", handle="security-managers", name="Security managers", members=("U0CAT", "U0DAN")),
    Group(id="S0SERVICEOWNERS", handle="service-owners", name="Service owners", members=("U0BOB", "U0DAN")),
    Group(id="S0SRELEADS", handle="sre-leads", name="SRE leads", members=("U0BOB", "U0CAT")),
    Group(id="S0ENGINEERS", handle="engineers", name="Engineers", members=("U0ANN", "U0BOB", "U0EVE")),
    Group(id="S0EMPTY", handle="empty", name="Nobody yet"),
)

CHANNELS = (
    Channel(id="C0GENERAL", name="general", members=WITH_APP, is_general=True, topic="Company-wide"),
    Channel(id="C0AWSAPPROVALS", name="aws-approvals", members=WITH_APP, topic="Approvals for AWS"),
    Channel(id="C0DEPLOYS", name="deploys", members=WITH_APP, topic="What ships, and who said yes"),
    Channel(id="C0ACCESSREQUESTS", name="access-requests", members=WITH_APP, topic="Just-in-time access"),
    Channel(id="C0SECINCIDENTS", name="sec-incidents", members=WITH_APP, topic="Security incidents"),
    Channel(id="C0GITHUBAPPROVALS", name="github-approvals", members=WITH_APP, topic="Approvals for GitHub"),
    Channel(id="C0PRODACCESS", name="prod-access", members=WITH_APP, topic="Production access"),
    Channel(id="C0NOBOT", name="no-bot", members=FULL_MEMBERS, topic="The app was never invited here"),
    Channel(id="C0OLDAPPROVALS", name="old-approvals", members=WITH_APP, topic="Archived", is_archived=True),
    Channel(
        id="G0LEADSPRIVATE", name="leads-private", members=("U0CAT", "U0DAN"), topic="Without the app", is_private=True
    ),
    Channel(
        id="G0SECPRIVATE",
        name="sec-private",
        members=("U0ANN", "U0BOB", "U0CAT", "U0APPROVE"),
        topic="Private, with the app",
        is_private=True,
    ),
    Channel(
        id="C0PARTNERSHARED",
        name="partner-shared",
        members=(*WITH_APP, "U0GUS", "U0OLG"),
        topic="Shared with Other Inc.",
        is_ext_shared=True,
    ),
)

ACME = Cast(
    team=Team(id="T0ACME", name="Acme", domain="acme"),
    other_team=Team(id="T0OTHER", name="Other Inc.", domain="other"),
    people=PEOPLE,
    groups=GROUPS,
    channels=CHANNELS,
)
