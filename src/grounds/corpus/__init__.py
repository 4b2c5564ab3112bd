"""Labelled decisions: reading, checking, counting and converting them."""
