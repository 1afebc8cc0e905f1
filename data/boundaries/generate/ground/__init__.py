"""Land, hamlets and cells: ``landscape → parcels → settlement → cells → layers``."""
