"""Patrols: tracks, covered ground, gaps, density."""
