def make(name: str):
    raise NotImplementedError
