from fastvideo.families import family_of


def get_preset_selection(model_path):
    family = family_of(model_path)
    return (family.preset, family.name)
