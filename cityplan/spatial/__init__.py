"""Geometry and graph arithmetic in metres, on plain arrays; it knows no city."""
