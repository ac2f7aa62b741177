"""Rows as they come: empty, far, double, mistyped. Each is counted with its cause."""

import numpy as np
import pytest
import shapely

from .conftest import METRES, SIDE, at, frame, homes, rows_of, square, streets, warnings_of
