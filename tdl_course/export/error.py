"""ExportError: why a model could not be written as .tflite."""


class ExportError(ValueError):
    """The model or the calibration samples do not fit, or the converter refused; the message says which."""
