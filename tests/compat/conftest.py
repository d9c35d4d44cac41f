"""The network opens here for the server that the environment names, and only then."""

import os

import pytest

from tests.compat.server import API_URL

if os.environ.get(API_URL):

    @pytest.fixture(autouse=True)
    def _no_network() -> None:
        """The scenarios call the server that was named."""
