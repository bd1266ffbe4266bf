def get_preset_selection(model_path):
    if "LTX2" not in model_path:
        return (None, None)
    return ("ltx2_distilled" if "distilled" in model_path.lower() else "ltx2_base", "ltx2")
