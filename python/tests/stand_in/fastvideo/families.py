"""What the stand-in is: a family by a word of the model path."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    name: str | None = None
    preset: str | None = None
    workload: str = "t2v"
    size_step: int = 8
    frame_step: int = 8
    frame_rest: int = 1
    patch: object = None
    ti2v: bool = False
    pipeline: str = "Pipeline"

    def frames(self, asked):
        """As the VAE rounds them; H3 rounds up."""
        if self.name == "minimax_h3":
            return asked + (self.frame_rest - asked) % self.frame_step
        return (asked - self.frame_rest) // self.frame_step * self.frame_step + self.frame_rest


WAN = {"name": "wan", "frame_step": 4, "patch": (1, 2, 2)}


def family_of(model_path):
    if "LTX2" in model_path:
        preset = "ltx2_distilled" if "distilled" in model_path.lower() else "ltx2_base"
        return Family("ltx2", preset, size_step=32)
    if "TI2V" in model_path:
        return Family(**WAN, preset="wan_2_2_ti2v_5b", size_step=16, ti2v=True, pipeline="WanPipeline")
    if "I2V" in model_path:
        return Family(**WAN, preset="wan_i2v_14b_480p", workload="i2v", pipeline="WanImageToVideoPipeline")
    if "T2V" in model_path:
        return Family(**WAN, preset="wan_t2v_1_3b", pipeline="WanPipeline")
    if "H3" in model_path:
        return Family(
            "minimax_h3",
            "minimax_h3_t2va",
            size_step=16,
            frame_step=17,
            frame_rest=5,
            patch=(1, 2, 2),
            pipeline="MiniMaxH3ModularPipeline",
        )
    return Family()
