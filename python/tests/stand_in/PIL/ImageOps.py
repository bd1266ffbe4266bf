def exif_transpose(image):
    return image
