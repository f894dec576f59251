"""The island's own parts: small, Python 3.10, and nothing of the rest of the product."""
