"""The names of everything we keep in Redis.

Ids of ours (Crockford letters, digits, colons of effect ids) stand in key names as they are; strings from outside only
as SHA-256, so that nothing an event says can name another key. One prefix keeps us apart from RQ and other tenants.
"""

import hashlib

PREFIX = "ab:"

DEADLINES = PREFIX + "deadlines"
OUTBOX = PREFIX + "outbox"
EFFECTS = PREFIX + "effects"
HOLDS = PREFIX + "holds"
TRIES = PREFIX + "tries"
WAITS = PREFIX + "waits"
FROZEN = PREFIX + "budget:frozen"
BUDGET_WAITS = PREFIX + "budget:waits"
DEAD_LETTERS = PREFIX + "dead"
TRAIL = PREFIX + "trail"
TRAIL_HEAD = PREFIX + "trail:head"
TRAIL_CHAINS = PREFIX + "trail:chains"
TRAIL_CHECKPOINTS = PREFIX + "trail:checkpoints"
TRAIL_CUT = PREFIX + "trail:cut"
TRAIL_PUBLISHED = PREFIX + "trail:published"
TRAIL_SHIPPED = PREFIX + "trail:shipped"
STATISTICS = PREFIX + "statistics"
STATISTICS_CURSOR = PREFIX + "statistics:cursor"
CHANGES = PREFIX + "changes"
SECRET_MARK = PREFIX + "secret"
AUDITOR = PREFIX + "auditor"
BROKEN_POLICIES = PREFIX + "broken-policies"
LINKS = PREFIX + "links"


def request(request_id: str) -> str:
    """The request: its version, its state and its JSON body, parted by spaces."""
    return f"{PREFIX}request:{request_id}"


def about(request_id: str) -> str:
    """What the request is about; written once."""
    return f"{PREFIX}about:{request_id}"


def parameters(request_id: str) -> str:
    """The event's values that the request's effects name; written once, and only where they name any."""
    return f"{PREFIX}parameters:{request_id}"


def postings(request_id: str) -> str:
    """Where its card stands: a hash of purpose to posting."""
    return f"{PREFIX}postings:{request_id}"


def steps(request_id: str) -> str:
    """The numbers of its trail entries, in order: the way from a request to its steps."""
    return f"{PREFIX}steps:{request_id}"


def group(group_id: str) -> str:
    """The requests that one event opened, when it opened several."""
    return f"{PREFIX}group:{group_id}"


def policy(digest: str) -> str:
    """A policy snapshot by its digest, shared by every request opened under it."""
    return f"{PREFIX}policy:{digest}"


def in_state(state: str) -> str:
    """The requests in a state, by when they were opened."""
    return f"{PREFIX}in:{state}"


def of_source(source: str) -> str:
    """The requests that a source opened, by when."""
    return f"{PREFIX}of:{hashed(source)}"


def of_policy(policy_id: str) -> str:
    """The requests that a policy opened, by when."""
    return f"{PREFIX}under:{hashed(policy_id)}"


def asked_by(person: str) -> str:
    """What a person asked for, by when."""
    return f"{PREFIX}by:{hashed(person)}"


def seen_event(identity: str) -> str:
    """An event that was received: its digest and what it matched."""
    return f"{PREFIX}seen:{identity}"


def captured(source: str) -> str:
    """The capped stream of a source's events."""
    return f"{PREFIX}events:{hashed(source)}"


def question(key: str) -> str:
    """The request that stands for a question. `key` is made of ids and digests of ours."""
    return f"{PREFIX}{key}"


def open_in(name: str) -> str:
    """The pending requests of one count, by when they were opened; `name` is a digest of ours."""
    return f"{PREFIX}open:{name}"


def joined(request_id: str) -> str:
    """The request that an event joined instead of opening the one of this id, and the digest of that event."""
    return f"{PREFIX}joined:{request_id}"


def repeats(request_id: str) -> str:
    """How many events asked the same as this request, and when the next telling of it is due."""
    return f"{PREFIX}repeats:{request_id}"


def repeated(request_id: str) -> str:
    """The first letters of the digests of the events that asked the same, in their order; of the first 200 of them."""
    return f"{PREFIX}repeated:{request_id}"


def received(source: str, hour: int) -> str:
    """How many events a source sent in one hour since 1970."""
    return f"{captured(source)}:{hour}"


def counted(name: str) -> str:
    """What a correlation counts."""
    return f"{PREFIX}counted:{hashed(name)}"


AWAY = PREFIX + "away"
"""Who is away, by Slack id, with the time (ms) until when: the way to the absences, which end by themselves."""


def absence(slack: str) -> str:
    """That somebody is away; it ends with the absence."""
    return f"{PREFIX}away:{hashed(slack)}"


def stood_in_for_by(slack: str) -> str:
    """Who named somebody to stand in for them, by Slack id, with the time (ms) until when."""
    return f"{PREFIX}stands-in:{hashed(slack)}"


HOMES_OPENED = PREFIX + "homes:opened"
"""Who opened their home tab lately, with the time (ms) until when it is kept up to date."""
HOMES_DUE = PREFIX + "homes:due"
"""Whose home tab is to be drawn anew, and when (ms)."""


def waits_for(people: str) -> str:
    """The open requests that the same people were asked to decide, by when; `people` is a digest of their Slack ids."""
    return f"{PREFIX}waits:{people}"


def waiting_lists(slack: str) -> str:
    """In which of these lists somebody is."""
    return f"{PREFIX}waiting-lists:{hashed(slack)}"


def decided_by(slack: str) -> str:
    """The settled requests that somebody voted on, by when."""
    return f"{PREFIX}decided:{hashed(slack)}"


def mutes(slack: str) -> str:
    """Whom somebody has muted, with the time (ms) until when."""
    return f"{PREFIX}mutes:{hashed(slack)}"


def alike(name: str) -> str:
    """How requests that are alike ended, by when; `name` is a digest of ours."""
    return f"{PREFIX}alike:{name}"


def took(policy_id: str) -> str:
    """How long people took to decide a policy's requests, by when."""
    return f"{PREFIX}took:{hashed(policy_id)}"


def asked_lately(asker: str) -> str:
    """What an account asked or did, by when."""
    return f"{PREFIX}asked-lately:{hashed(asker)}"


def granted(what: str) -> str:
    """The grants that a membership was added for."""
    return f"{PREFIX}granted:{hashed(what)}"


def consumed(request_id: str) -> str:
    """Set once the approval was used."""
    return f"{PREFIX}consumed:{request_id}"


def statistics_of(day: str) -> str:
    """What was counted on a day."""
    return f"{STATISTICS}:{day}"


def all_of(request_id: str) -> tuple[str, ...]:
    """Everything that is kept of one request alone."""
    own = (request, about, parameters, postings, consumed, steps, repeats, repeated)
    return tuple(key(request_id) for key in own)


def kept_for(account: str) -> str:
    """The presses that wait for an account's link."""
    return PREFIX + f"kept:{hashed(account)}"


def proposed_on(request_id: str) -> str:
    """What somebody said on a request of whose account its actor's is."""
    return PREFIX + f"proposed:{request_id}"


def guard(name: str, value: str) -> str:
    """A short-lived mark: a signature already seen, a token bucket, a cached look-up."""
    return f"{PREFIX}{name}:{hashed(value)}"


def hashed(text: str) -> str:
    """A string from outside, fit to stand in a key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
