"""Plays: whole stories in a real browser, several people on the workspace's page, with the whole bot behind it."""
