# SPDX-License-Identifier: Apache-2.0
"""The modules of the virtual board, importable by name as they are on the board itself."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools" / "simulate" / "board"))
