"""Every figure of docs/performance.md, by `python -m bench [NAME]`."""
