def get_preset_selection(model_path):
    return ("ltx2_distilled", "ltx2") if "LTX2" in model_path else (None, None)
