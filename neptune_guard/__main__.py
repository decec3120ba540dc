"""`python -m neptune_guard` is `neptune-guard`."""

import sys

from neptune_guard.cli import main

if __name__ == "__main__":
    sys.exit(main())
