"""What the columns, codes and words of a source mean in the catalogue."""
