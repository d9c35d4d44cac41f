"""`serve`, `work`, `doctor`: the processes, and whether they could run."""

import gc
import signal
from typing import Annotated

import redis
import typer
import uvicorn

from approvalbot.audit.counting import Counting
from approvalbot.audit.keeping import Keeper
from approvalbot.cli.examine import examine
from approvalbot.cli.output import emit, say
from approvalbot.cli.pool import Pool
from approvalbot.log import get_logger, set_up_logs
from approvalbot.reloading import PolicyKeeper
from approvalbot.settings import load_settings
from approvalbot.store.jobs import EFFECT_QUEUE, TIME_QUEUE
from approvalbot.store.statistics import Statistics
from approvalbot.web.heads import Heads
from approvalbot.wiring.address import redis_address
from approvalbot.wiring.homes import HomeDrawing
from approvalbot.wiring.house import build
from approvalbot.wiring.trail import make_keeping
from approvalbot.wiring.webside import make_asgi
from approvalbot.worker import run_worker

log = get_logger("process")

QUEUES = {"time": TIME_QUEUE, "effects": EFFECT_QUEUE}


def follow(keeper: PolicyKeeper) -> None:
    """Read the policies again when their files change, and on SIGHUP."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, keeper.ask)
    keeper.watch()


def spare_the_collector(keeper: PolicyKeeper) -> None:
    """Keep the policies and everything else that is loaded by now out of every later garbage collection.

    A thousand policies make 150,000 objects that live as long as the process. Walking them all held everybody up for
    100 ms at a time, and took a quarter of the CPU of a large batch of events. After a reload it is done again: what
    the new set replaced is let go, and the new one spared.
    """
    keeper.tell(lambda _fault: _freeze())
    _freeze()


def _freeze() -> None:
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def serve() -> None:
    """Run the web process: the webhook, Slack's door, the answers."""
    settings = load_settings()
    set_up_logs(settings.approvalbot_log_level)
    with redis_address(settings) as url:
        house = build(settings, url, for_presses=True)
        app = make_asgi(house)
        spare_the_collector(house.keeper)
        follow(house.keeper)
        log.info("serving", url=settings.url, port=settings.approvalbot_port)
        uvicorn.run(
            app,
            host=settings.approvalbot_host,
            port=settings.approvalbot_port,
            log_config=None,
            access_log=False,
            server_header=False,
            # Nothing here decides by a client's address, so no header about one is believed.
            proxy_headers=False,
            http=Heads,
            timeout_graceful_shutdown=5,
        )


def work(
    queue: Annotated[
        str, typer.Option(help="Work on this queue alone, in this process: time or effects. Default: all of them.")
    ] = "",
) -> None:
    """Run the workers: reminders, escalation, expiry, and everything that is said or sent."""
    if queue and queue not in QUEUES:
        raise typer.BadParameter(f"{queue!r} is no queue; write time or effects")
    settings = load_settings()
    set_up_logs(settings.approvalbot_log_level)
    with redis_address(settings) as url:
        if not queue:
            Pool(["time", *["effects"] * settings.approvalbot_workers], url).run()
            return
        house = build(settings, url)
        spare_the_collector(house.keeper)
        follow(house.keeper)
        # RQ waits in its connection for longer than a command of ours may take.
        own = redis.Redis.from_url(url)
        Keeper(make_keeping(house), house.requests.now).start()
        Counting(Statistics(house.redis, house.requests.find_many), house.guards).start()
        if queue == "time":
            HomeDrawing(house).start()
        log.info("working", queue=queue)
        run_worker(house.journey, house.jobs, house.redis, QUEUES[queue], rq_redis=own, key=settings.key("jobs"))


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Check everything a start needs, and say what to do about what is wrong."""
    # Its findings are what it says; the lines of a process would stand among them.
    set_up_logs("CRITICAL")
    findings = examine(load_settings())
    if json:
        emit({"ok": all(found.ok for found in findings), "checks": [found.as_dict() for found in findings]})
    else:
        for found in findings:
            say(f"{'ok  ' if found.ok else 'FAIL'}  {found.name}: {found.text}", None if found.ok else "red")
    if not all(found.ok for found in findings):
        raise typer.Exit(1)
