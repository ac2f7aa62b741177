"""Where data come from: OpenStreetMap extracts, local layers, study files."""
