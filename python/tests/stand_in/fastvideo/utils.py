def best_output_size(w, h, dw, dh, expected_area):
    """The largest size of this shape, in these multiples, that has no more pixels."""
    wide = (expected_area * w / h) ** 0.5
    high = expected_area / wide
    by_width = int(wide // dw * dw)
    by_height = int(high // dh * dh)
    sizes = (
        (by_width, int(expected_area / by_width // dh * dh)),
        (int(expected_area / by_height // dw * dw), by_height),
    )

    def distortion(size):
        ratio = w / h * size[1] / size[0]
        return max(ratio, 1 / ratio)

    return sizes[0] if distortion(sizes[0]) < distortion(sizes[1]) else sizes[1]
