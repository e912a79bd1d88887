"""Pages: notebooks that Voila serves, as slides and as dashboards."""

from tdl_course.pages.server import PageError, serve_voila

__all__ = ["PageError", "serve_voila"]
