"""Slack's Web API at `/api/{method}`: one module for each family of methods, and the door they all stand behind."""
