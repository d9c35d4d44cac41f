"""approvalbot: an audit event becomes a decision while it still matters."""

__version__ = "0.1.0"
