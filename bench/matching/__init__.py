"""The judged set for matching, and its figures."""
