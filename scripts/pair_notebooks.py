"""Make notebooks/NAME.ipynb from notebooks/NAME.py, without outputs, the same every time.

    python scripts/pair_notebooks.py

The .py files are the source; jupytext reads them. Cell ids come from the text of the
cells, so that a cell that did not change keeps its id.
"""

import hashlib
from collections import Counter
from pathlib import Path

import jupytext
import nbformat

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
METADATA = {
    "jupytext": {
        "cell_metadata_filter": "-all",
        "formats": "ipynb,py:percent",
        "notebook_metadata_filter": (
            "kernelspec,jupytext,-jupytext.text_representation.jupytext_version"
        ),
    },
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sources():
    """Return the .py files of all notebooks."""
    return sorted(NOTEBOOKS.glob("[0-9]*.py"))


def paired(source):
    """Return the notebook of a .py file as the text of its .ipynb."""
    notebook = jupytext.read(source, fmt="py:percent")
    seen = Counter()
    for cell in notebook.cells:
        seen[cell.source] += 1
        key = f"{cell.cell_type} {seen[cell.source]} {cell.source}"
        cell.id = hashlib.sha256(key.encode()).hexdigest()[:8]
        cell.metadata = nbformat.NotebookNode()
    fresh = nbformat.v4.new_notebook(cells=notebook.cells, metadata=METADATA)
    return nbformat.writes(fresh, version=4) + "\n"


if __name__ == "__main__":
    for source in sources():
        target = source.with_suffix(".ipynb")
        target.write_text(paired(source), encoding="utf-8", newline="\n")
        print(target.relative_to(NOTEBOOKS.parent))
