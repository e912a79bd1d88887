"""`python -m tdl_course.dashboards`: prepare what the dashboards read. Done at once where all is there."""

from __future__ import annotations

import os
import sys

from tdl_course.dashboards.prepared import PARTS, folder


def main() -> int:
    if all((folder() / part).is_file() for part in PARTS):
        return 0
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tdl_course.dashboards.prepare import prepare

    try:
        prepare()
    except (ValueError, RuntimeError, OSError) as error:
        print(f"dashboards: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
