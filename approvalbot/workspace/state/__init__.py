"""What the workspace holds: its people, channels, messages, views, and the record of what went in and out."""
