class Image:
    def __init__(self, array):
        self.array = array


def fromarray(array):
    return Image(array)
