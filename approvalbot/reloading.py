"""The policies in force: read at the start, read again when their folder changes or on SIGHUP, all or nothing."""

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from approvalbot.errors import ApprovalBotError
from approvalbot.log import get_logger
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from approvalbot.policy.policyset import PolicySet

log = get_logger("policies")

LOOK_S = 1.0
"""Seconds between two looks at the folder. A change counts once two looks agree: an editor or a checkout may be half
way through its files."""

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


class PolicyKeeper:
    """Holds the set that is in force. A set that does not load leaves the one before where it is.

    Requests that are open keep the snapshot of the policy they were opened under, whatever happens here.
    """

    def __init__(self, folder: Path) -> None:
        """Load the folder.

        Raises:
            PolicyFaults: every fault of it.
        """
        self._folder = folder
        self._prepared: list[Prepare] = []
        self._tell: list[Callable[[str], None]] = []
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

    def tell(self, listener: Callable[[str], None]) -> None:
        """Call `listener` after each reload with the fault, empty when the new set is in force."""
        self._tell.append(listener)

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
            return False
        self._wanted.clear()
        self._seen = stamp
        self.reload()
        return True

    def reload(self) -> None:
        """Read the folder and put it in force, or keep what is and say why."""
        with self._lock:
            try:
                found = _loaded(self._folder)
                steps = [made(found) for made in self._prepared]
            except (ApprovalBotError, OSError) as fault:
                self.fault = _sentence(fault)
                log.error("policies not reloaded; the set before stays in force", fault=str(fault)[:4000])
            else:
                self._held, self.fault = found, ""
                for step in steps:
                    step()
                log.info("policies reloaded", digest=found.digest[:12], policies=len(found.policies))
        for listener in self._tell:
            listener(self.fault)

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


def _loaded(folder: Path) -> PolicySet:
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
