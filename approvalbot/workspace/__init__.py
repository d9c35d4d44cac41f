"""The local stand-in for Slack: a loopback Web API, signed deliveries and a page, as strict as the real one.

It knows nothing of the bot. `server.create_app` builds it, `serving.running_workspace` runs it for tests, and
`hands.Hands` is how a test or a tour reads and presses what a person would.
"""
