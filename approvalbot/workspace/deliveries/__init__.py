"""What the workspace sends to the bot: signed, over real HTTP or a WebSocket, with Slack's deadlines and retries."""
