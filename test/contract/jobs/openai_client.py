"""What a user of the `openai` package for Python does. Arguments: the address of the server, a folder for files."""

import json
import sys
from pathlib import Path

import openai
from openai import OpenAI

url, folder = sys.argv[1], Path(sys.argv[2])
client = OpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0)
told = {"models": [model.id for model in client.models.list()]}

video = client.videos.create_and_poll(prompt="a red kite", size="160x96", seconds="1", poll_interval_ms=20)
told["video"] = video.model_dump()
client.videos.download_content(video.id).write_to_file(folder / "video.mp4")
client.videos.download_content(video.id, variant="thumbnail").write_to_file(folder / "thumbnail.jpg")

other = client.videos.create(prompt="another", extra_body={"num_frames": 4, "seed": 5})
told["listed"] = [one.id for one in client.videos.list(limit=1)][:2]
told["ids"] = [other.id, video.id]
told["other"] = {"num_frames": other.num_frames, "seed": other.seed}
told["deleted"] = client.videos.delete(other.id).model_dump()

if told["models"] != ["builtin:cppn"]:
    begun = client.videos.create(prompt="from here", input_reference=folder / "first.png", extra_body={"num_frames": 4})
    told["from_picture"] = client.videos.poll(begun.id, poll_interval_ms=20).status

image = client.images.generate(prompt="a red kite", size="256x256", response_format="b64_json", output_format="png")
told["image"] = image.data[0].b64_json[:11]

errors = {}
for name, call in {
    "not_found": lambda: client.videos.retrieve("video_none"),
    "bad_request": lambda: client.videos.create(prompt="a kite", size="1x1"),
    "unknown": lambda: client.videos.create(prompt="a kite", extra_body={"num_frame": 4}),
    "no_model": lambda: client.models.retrieve("sora-2"),
}.items():
    try:
        call()
    except openai.APIStatusError as error:
        errors[name] = [type(error).__name__, error.code, error.param]
told["errors"] = errors
print(json.dumps(told))
