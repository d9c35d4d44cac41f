"""The parts of a process, put together: settings in, ports out."""

from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis

from approvalbot.actions.calling import Network
from approvalbot.actions.registry import Registry
from approvalbot.answers.callback import Callbacks
from approvalbot.answers.fetching import Fetcher
from approvalbot.answers.sending import Sender
from approvalbot.flow.ports import Journey
from approvalbot.oncall.book import PRESS_WITHIN_S, WITHIN_S, OnCallBook
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.snapshots import from_snapshot
from approvalbot.reloading import PolicyKeeper
from approvalbot.settings import Settings, check_slack
from approvalbot.slack.api import PRESS_TIMEOUT_S, TIMEOUT_S, SlackApi
from approvalbot.slack.budget import PacedApi
from approvalbot.slack.conversation import SlackConversation
from approvalbot.slack.messenger import SlackMessenger
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.pager import SlackPager
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.posting import Poster
from approvalbot.slack.values import Values
from approvalbot.sources.remembered import Fetch
from approvalbot.store.absences import AbsenceStore
from approvalbot.store.budget import Budgets
from approvalbot.store.connection import check_server, connect
from approvalbot.store.counting import CountStore
from approvalbot.store.digests import DigestStore
from approvalbot.store.guards import Guards
from approvalbot.store.homes import HomeMarks
from approvalbot.store.jobs import Jobs
from approvalbot.store.links import LinkStore
from approvalbot.store.mutes import MuteStore
from approvalbot.store.outbox import Outbox
from approvalbot.store.pace import Pace
from approvalbot.store.past import PastStore
from approvalbot.store.postings import PostingStore
from approvalbot.store.requests import RequestStore
from approvalbot.wiring.action_providers import check_providers, providers_of
from approvalbot.wiring.granters import make_providers
from approvalbot.wiring.secrets import destination_of, provider_of
from approvalbot.wiring.slackclient import slack_api


@dataclass(frozen=True, slots=True)
class House:
    """A process's parts. `press_api` is the Slack client of whoever waits for an answer: it gives up sooner."""

    settings: Settings
    redis: Redis
    redis_url: str
    keeper: PolicyKeeper
    requests: RequestStore
    outbox: Outbox
    postings: PostingStore
    guards: Guards
    jobs: Jobs
    ourselves: Ourselves
    people: SlackPeople
    values: Values
    press_api: SlackApi
    paced: PacedApi
    messenger: SlackMessenger
    journey: Journey
    fetch: Fetch

    @property
    def policies(self) -> PolicySet:
        """The set that is in force now."""
        return self.keeper.current()


def build(settings: Settings, redis_url: str, *, for_presses: bool = False) -> House:
    """Put the parts together, once the surroundings are fit for them.

    Raises:
        SettingsFault: a setting is missing or wrong, or the Redis would lose decisions.
        PolicyFaults: the policies do not load.
    """
    check_slack(settings)
    redis = connect(redis_url, most=settings.approvalbot_threads * 2)
    check_server(redis, settings.approvalbot_allow, settings.key("mark").hex()[:16])
    keeper = PolicyKeeper(settings.approvalbot_policies)
    keeper.prepare(check_providers)
    guards, requests, postings = Guards(redis), RequestStore(redis, from_snapshot), PostingStore(redis)
    fetcher = Fetcher(allow_local=settings.allows("local-destinations"))
    api = slack_api(settings, PRESS_TIMEOUT_S if for_presses else TIMEOUT_S)
    ourselves = Ourselves(api)
    keeper.prepare(_check_tokens)
    oncall = OnCallBook(
        lambda name: provider_of(keeper.current(), name),
        fetcher.get,
        within_s=PRESS_WITHIN_S if for_presses else WITHIN_S,
    )
    people = SlackPeople(
        api, guards, ourselves, lambda: keeper.current().identities, settings.approvalbot_teams, oncall
    )
    values = Values(settings.key("values"), settings.url)
    outbox, jobs = Outbox(redis), Jobs(redis, settings.key("jobs"))
    sender = Sender(allow_local=settings.allows("local-destinations"))
    paced = PacedApi(api, Budgets(redis), paced=settings.approvalbot_slack_pace == "slack")
    poster = Poster(paced, postings, guards)
    messenger = SlackMessenger(
        poster,
        people,
        ourselves,
        DigestStore(redis),
        guards,
        values,
        requests,
        settings.approvalbot_alarm_channel,
    )
    journey = Journey(
        requests=requests,
        effects=outbox,
        outgoing=jobs,
        people=people,
        messenger=messenger,
        answers=Callbacks(sender, lambda name: destination_of(keeper.current(), name)),
        actions=Registry(
            Network(allow_local=settings.allows("local-destinations")),
            lambda kind: providers_of(keeper.current(), kind),
        ),
        granter=make_providers(keeper, sender, api, people, redis, guards),
        policies=keeper.current,
        counts=CountStore(redis),
        pager=SlackPager(messenger, people, guards, lambda: keeper.current().identities),
        absences=AbsenceStore(redis),
        past=PastStore(redis),
        conversation=SlackConversation(messenger, poster, guards, values),
        mutes=MuteStore(redis),
        homes=HomeMarks(redis),
        url=settings.url,
        links=LinkStore(redis),
        pace=Pace(guards, settings.approvalbot_decisions_per_minute),
    )
    return House(
        settings=settings,
        redis=redis,
        redis_url=redis_url,
        keeper=keeper,
        requests=requests,
        outbox=outbox,
        postings=postings,
        guards=guards,
        jobs=jobs,
        ourselves=ourselves,
        people=people,
        values=values,
        press_api=api,
        paced=paced,
        messenger=messenger,
        journey=journey,
        fetch=fetcher.get,
    )


def _check_tokens(policies: PolicySet) -> Callable[[], None]:
    """A set whose on-call tokens are not there is not put in force."""
    for name in policies.oncall:
        provider_of(policies, name)
    return lambda: None
