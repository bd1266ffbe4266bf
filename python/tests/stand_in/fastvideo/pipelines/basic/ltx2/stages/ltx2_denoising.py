"""The loop of the model says ``tqdm(range(steps))``, by this name of this module."""


def tqdm(iterable):
    return iterable
