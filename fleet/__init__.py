"""What decides and what it stands on: the fleet service."""
