"""The policies in force: read at the start, read again when their folder changes or on SIGHUP, all or nothing."""

import gc
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from approvalbot.errors import ApprovalBotError, DeliveryFailed
from approvalbot.log import get_logger
from approvalbot.policy.faults import Fault, PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.owners import owner_at
from approvalbot.policy.parse import load_policies, open_folder
from approvalbot.policy.policyset import PolicySet

log = get_logger("policies")

LOOK_S = 1.0
"""Seconds between two looks at the folder. A change counts once two looks agree: an editor or a checkout may be half
way through its files."""

TELL_AGAIN_S = 15.0
"""Seconds before somebody who could not be told of a reload is tried again, unless Slack names a time of its own."""

Stamp = tuple[tuple[str, int, int, int], ...]
Prepare = Callable[[PolicySet], Callable[[], None]]
"""Makes what hangs on a set (and raises if it cannot); what it gives puts that in force."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause garbage collection while policies are read.

    What reading makes stays, a million objects for ten thousand policies; every full collection would walk them all in
    vain, and that took two thirds of the time. Reading makes no circles worth collecting sooner.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Reloaded:
    """How a reload ended.

    `fault` says in one sentence why the newest files are not in force, and is empty when they are. `owed` has every
    fault by the owner of its document; under the empty name stands what nobody can be found for.
    """

    fault: str = ""
    owed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Listener = Callable[[Reloaded], None]


class PolicyKeeper:
    """Holds the set that is in force. A set that does not load leaves the one before where it is.

    Requests that are open keep the snapshot of the policy they were opened under, whatever happens here.
    """

    def __init__(self, folder: Path, now_s: Callable[[], float] = time.monotonic) -> None:
        """Load the folder.

        Raises:
            PolicyFaults: every fault of it.
        """
        self._folder = folder
        self._now_s = now_s
        self._prepared: list[Prepare] = []
        self._listeners: list[Listener] = []
        self._untold: dict[Listener, Reloaded] = {}
        self._tell_at_s = 0.0
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._seen = self._stamp()
        self._held = _loaded(folder)
        self._stamp_before = self._seen
        self.fault = ""
        """Why the newest files are not in force, in one sentence; empty when they are."""

    def current(self) -> PolicySet:
        """The set that is in force."""
        return self._held

    def prepare(self, made: Prepare) -> None:
        """Let another part follow: it is made for the set in force now, and for each one after."""
        with self._lock:
            made(self._held)()
            self._prepared.append(made)

    def tell(self, listener: Listener, *, of_the_start: bool = False) -> None:
        """Call `listener` after each reload, again later where it raises; `of_the_start`: once more at the next look,
        for the set that this process started with.
        """
        self._listeners.append(listener)
        if of_the_start:
            self._untold[listener] = Reloaded()

    def ask(self, *_signal: object) -> None:
        """Reload soon, whether or not the files look changed. Safe in a signal handler."""
        self._wanted.set()

    def watch(self) -> None:
        """Look at the folder from now on, in a thread of its own."""
        threading.Thread(target=self._watch, name="policies", daemon=True).start()

    def look(self) -> bool:
        """One look: reload if it was asked for, or the files changed and then held still. Gives whether it reloaded."""
        stamp = self._stamp()
        still, self._stamp_before = stamp == self._stamp_before, stamp
        if not self._wanted.is_set() and (stamp == self._seen or not still):
            if stamp == self._seen:  # what is still to be told is about these files, and not about what comes next
                self._tell_the_untold()
            return False
        self._wanted.clear()
        self._seen = stamp
        self.reload()
        return True

    def reload(self) -> None:
        """Read the folder and put it in force, or keep what is and say why."""
        with self._lock:
            ended = self._reload()
        if ended is None:
            log.info("policies are being written; they are read at the next look")
            self._wanted.set()
            return
        self.fault = ended.fault
        self._untold = dict.fromkeys(self._listeners, ended)
        self._tell_at_s = 0.0
        self._tell_the_untold()

    def _reload(self) -> Reloaded | None:
        """Put the newest files in force, if they are fit for it; None when they changed while they were read."""
        files, before = Folder.of({}), self._stamp()
        try:
            files = open_folder(self._folder).read_whole()
            if self._stamp() != before:
                return None
            found = _loaded(files)
            steps = [made(found) for made in self._prepared]
        except (ApprovalBotError, OSError) as fault:
            log.error("policies not reloaded; the set before stays in force", fault=str(fault)[:4000])
            return Reloaded(_sentence(fault), self._owed(fault, files))
        self._held = found
        for step in steps:
            step()
        log.info("policies reloaded", digest=found.digest[:12], policies=len(found.policies))
        return Reloaded()

    def _tell_the_untold(self) -> None:
        """Tell each listener how the last reload ended. One that cannot take it now holds up no other."""
        if not self._untold or self._now_s() < self._tell_at_s:
            return
        for listener in list(self._untold):
            ended = self._untold.pop(listener)
            try:
                listener(ended)
            except ApprovalBotError as fault:
                self._untold[listener] = ended
                wait_s = fault.retry_after_s if isinstance(fault, DeliveryFailed) else None
                self._tell_at_s = max(self._tell_at_s, self._now_s() + (wait_s or TELL_AGAIN_S))
                log.warning("not told of the policies yet", why=fault.text(), again_in_s=wait_s or TELL_AGAIN_S)

    def _owed(self, fault: Exception, files: Folder) -> dict[str, tuple[str, ...]]:
        """The faults by the owner of the document each stands in."""
        if not isinstance(fault, PolicyFaults):
            return {"": (_sentence(fault),)}
        owed: dict[str, tuple[str, ...]] = {}
        for one in fault.faults:
            owner = self._owner(one, files)
            owed[owner] = (*owed.get(owner, ()), str(one))
        return owed

    def _owner(self, fault: Fault, files: Folder) -> str:
        """Whose document it is: as the file says now, else as the document said that stands there in the set before."""
        with suppress(OSError):
            if owner := owner_at(files.read(fault.file) or b"", fault.line):
                return owner
        before = [one for one in self._held.documents if one.place is not None and one.place.file == fault.file]
        above = [one for one in before if one.place is not None and one.place.line <= fault.line]
        return (above or before)[-1].owner if before else ""

    def _watch(self) -> None:
        while True:
            self._wanted.wait(LOOK_S)
            try:
                self.look()
            except Exception:  # outermost edge of a thread that must not end
                log.exception("the look at the policies broke")

    def _stamp(self) -> Stamp:
        """Name, size, time of change and inode of every file; what cannot be read now is looked at again."""
        if self._folder.is_file():
            names = [self._folder]
        else:
            names = [self._folder / name for name in Folder.at(self._folder).names]
        stamped = []
        for name in names:
            try:
                told = name.stat()
            except OSError:
                continue
            stamped.append((str(name), told.st_size, told.st_mtime_ns, told.st_ino))
        return tuple(stamped)


def _loaded(folder: Path | Folder) -> PolicySet:
    with uncollected():
        found = load_policies(folder)
        # The index is built now: for ten thousand policies the first event would wait for it half a second.
        _ = found.matcher
    return found


def _sentence(fault: Exception) -> str:
    if isinstance(fault, PolicyFaults):
        more = f" (and {len(fault.faults) - 1} more)" if len(fault.faults) > 1 else ""
        return f"{fault.faults[0]}{more}"
    return str(fault)
