"""``python -m grounds``."""

import sys

from grounds.cli import main

sys.exit(main())
