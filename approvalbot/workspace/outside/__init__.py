"""The world around the bot that is not Slack: a source that sends it events, a service that waits for its answers."""
