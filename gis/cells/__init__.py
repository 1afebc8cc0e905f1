"""Grid cells: reading, checking, repairing, storing, finding."""
