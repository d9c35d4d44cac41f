"""Sign in with Slack, played by the local workspace: OpenID Connect with a page that asks who you are."""
