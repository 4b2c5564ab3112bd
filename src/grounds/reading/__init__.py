"""Reading: from bytes to a `Decision` with sections and continuous paragraph numbers."""
