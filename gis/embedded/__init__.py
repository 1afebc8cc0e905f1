"""A private PostGIS: found or fetched, run as a cluster of its own. Standard library only."""
