"""Channels: one file each. What a provider says is understood here and nowhere else."""
