"""FastVideo's own mock streaming server, at a given size and for more than one session at once.

Everything that serves, generates and encodes is the installed package's. The modules that are named by the files of
`stand-ins` are taken from there instead: they pull in PyTorch, which the mock never uses.
"""

import argparse
import importlib.machinery
import importlib.util
import sys
from pathlib import Path

STAND_INS = Path(__file__).parent / "stand-ins"


class StandInFinder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        file = STAND_INS / f"{name}.py"
        if not file.exists():
            return None
        installed = importlib.machinery.PathFinder.find_spec(name, path)
        if installed is None:
            return None
        return importlib.util.spec_from_file_location(
            name, file, submodule_search_locations=installed.submodule_search_locations
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "width", "height", "frames"):
        parser.add_argument(f"--{name}", type=int, required=True)
    args = parser.parse_args()

    # Nothing is written beside the stand-ins; the package was compiled when it was installed.
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, StandInFinder)
    import uvicorn
    from fastvideo.api.schema import SamplingConfig
    from fastvideo.entrypoints.streaming.mock_server import build_mock_app
    from fastvideo.entrypoints.streaming.session import SessionManager

    app = build_mock_app()
    state = app.state.server_state
    state.serve_config.default_request.sampling = SamplingConfig(
        num_frames=args.frames, width=args.width, height=args.height, fps=24, num_inference_steps=1
    )
    # As it is, one session with six segments is all that it takes.
    state.sessions = SessionManager(segment_cap=1_000_000, session_timeout_seconds=600, max_sessions=1000)
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="warning")


if __name__ == "__main__":
    main()
