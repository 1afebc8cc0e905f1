"""The domain: cells, people, issues, patrols, and what is computed from them."""
