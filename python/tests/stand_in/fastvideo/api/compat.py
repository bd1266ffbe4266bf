def explicit_request_updates(request):
    raw = request.raw
    updates = {"negative_prompt": raw["negative_prompt"]} if "negative_prompt" in raw else {}
    for section in ("inputs", "sampling", "output", "extensions"):
        updates.update(raw.get(section) or {})
    return updates
