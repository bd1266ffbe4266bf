from fastvideo.video_generator import VideoGenerator

__all__ = ["VideoGenerator"]
