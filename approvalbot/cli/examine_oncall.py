"""What `doctor` looks at for each on-call provider: whether it says who is on the schedules that the policies name."""

from collections.abc import Iterator

from approvalbot.answers.fetching import Fetcher
from approvalbot.cli.finding import Finding, checked
from approvalbot.errors import SettingsFault
from approvalbot.oncall.asking import Unknown
from approvalbot.oncall.book import OnCallBook
from approvalbot.policy.entries import approver_entries
from approvalbot.policy.policyset import PolicySet
from approvalbot.settings import Settings
from approvalbot.wiring.secrets import provider_of


def oncall_findings(settings: Settings, policies: PolicySet) -> Iterator[Finding]:
    """One finding for each provider, in the order of the policies."""
    fetch = Fetcher(allow_local=settings.allows("local-destinations")).get
    book = OnCallBook(lambda name: provider_of(policies, name), fetch)
    entries = {
        entry.name
        for document in policies.documents
        for _, entry in approver_entries(document)
        if entry.kind == "oncall" and not entry.templated
    }
    for name in policies.oncall:
        schedules = sorted(entry for entry in entries if entry.partition("/")[0] == name)
        yield checked(f"on-call {name}", lambda name=name, held=schedules: _told(book, policies, name, held))  # type: ignore[misc]


def _told(book: OnCallBook, policies: PolicySet, name: str, schedules: list[str]) -> str:
    provider_of(policies, name)
    if not schedules:
        return "its token is there; no policy names a schedule of it"
    told = []
    for entry in schedules:
        try:
            people = book.ask(entry)
        except Unknown as fault:
            raise SettingsFault(f"{entry}: {fault}.", hint="Nobody of it counts until it answers.") from fault
        if people is None:
            raise SettingsFault(f"{entry}: there is no such schedule.", hint="Compare the name, or write the id.")
        told.append(f"{entry.partition('/')[2]} ({len(people)} on call)")
    return ", ".join(told)
