"""Explorer: controls above a picture that follows them.

In: ipywidgets controls and a method that draws the picture for their values. Out: an ipywidgets box, whose parts have
CSS classes (tdl-explorer, tdl-controls, tdl-view) for pages that lay them out otherwise. This module knows no method of
compression.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from tdl_course.picture import Picture


class Explorer(ipywidgets.VBox):
    """A box of `controls` and, below them, `picture()`, drawn anew when one of their values changes."""

    def __init__(self, controls: Sequence[ipywidgets.Widget]) -> None:
        self.view = ipywidgets.HTML()
        for control in controls:
            control.observe(lambda change: self.refresh(), names="value")
        super().__init__([ipywidgets.VBox(list(controls)), self.view])
        for box, name in ((self, "tdl-explorer"), (self.children[0], "tdl-controls"), (self.view, "tdl-view")):
            box.add_class(name)
        self.refresh()

    def picture(self) -> Picture:
        """The picture for the controls' values."""
        raise NotImplementedError("an Explorer defines picture() -> Picture")

    def refresh(self) -> None:
        """Redraw for the current settings; a failure is shown in the box instead of being lost in a log."""
        try:
            self.view.value = self.picture()._repr_html_()
        except Exception as error:
            self.view.value = f"<p>Could not draw this setting: {html.escape(str(error))}</p>"
