"""The planner's page: cells, their defects, who holds them, and how they are changed."""
