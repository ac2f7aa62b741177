"""Large extracts cut into a city's part each, and layers that are read once and kept."""
