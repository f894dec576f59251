"""Pages for hub staff and coordinators, and the practice phones."""
