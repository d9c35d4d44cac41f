"""A command loads what it needs: a gate in somebody's pipeline does not load the house."""

import subprocess
import sys

import pytest

HEAVY = ("redis", "slack_bolt", "approvalbot.policy", "approvalbot.wiring.house", "joserfc")


@pytest.mark.parametrize(
    ("command", "without"),
    [
        (("gate", "--help"), HEAVY),
        (("wait", "--help"), HEAVY),
        (("slack", "manifest", "--help"), HEAVY),
        (("receipt", "verify", "--help"), HEAVY[:4]),
        (("outbox", "--help"), ("slack_bolt", "approvalbot.wiring.house")),
        (("link", "--help"), ("slack_bolt", "approvalbot.wiring.house", "approvalbot.policy.parse")),
    ],
)
def test_a_command_loads_no_more_than_it_needs(command: tuple[str, ...], without: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from approvalbot.cli.main import run\n"
        f"sys.argv = ['approvalbot', *{command!r}]\n"
        "try:\n    run()\n"
        f"finally:\n    print('LOADED', *[one for one in {without!r} if one in sys.modules], file=sys.stderr)\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ours

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines()[-1].strip() == "LOADED"
