"""Servers of OpenStreetMap data: asked politely, answers kept."""
