"""`python -m tdl_course.cli`, where the script `tdl` is not on the path."""

import sys

from tdl_course.cli import main

sys.exit(main())
