"""Files, tables and databases as raw rows, whatever their format and encoding."""
