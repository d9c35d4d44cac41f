"""`python -m approvalbot` is `approvalbot`."""

from approvalbot.cli.main import run

if __name__ == "__main__":
    run()
