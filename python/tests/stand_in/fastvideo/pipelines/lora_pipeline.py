"""Two layers with one weight each, merged as FastVideo 0.2.1 merges: its traps are here too.

A path with ``half`` has nothing for the second layer, one with ``broken`` cannot be read, and one with ``cuda`` is the end of
the process. The second layer's weights lie in host memory.
"""

import os
from types import SimpleNamespace


class Weight:
    def __init__(self, value=0.0):
        self.data = self
        self.value = value

    def detach(self):
        return self

    def clone(self):
        return Weight(self.data.value)

    def data_ptr(self):
        return id(self.data)


class Layer:
    def __init__(self, on_host):
        weight = Weight()
        self.base_layer = SimpleNamespace(weight=weight)
        self.cpu_weight = weight if on_host else weight.clone()
        self.merged = self.disable_lora = False
        self.lora = None

    def forward(self):
        value = self.base_layer.weight.data.value
        return value if self.merged or self.disable_lora else value + self.lora * 1.0

    def set_lora_weights(self, lora, accumulate):
        self.lora, self.disable_lora = lora, False
        if self.merged and not accumulate:
            self.unmerge_lora_weights()
        self.base_layer.weight.data.value += lora
        self.merged = True

    def unmerge_lora_weights(self):
        if not self.disable_lora and self.merged:
            self.base_layer.weight.data, self.merged = self.cpu_weight.data, False


class Layers:
    def __init__(self):
        self.layers = {"first": Layer(on_host=False), "second": Layer(on_host=True)}

    def all_lora_layers(self):
        yield from self.layers.items()


class LoRAPipeline:
    def __init__(self):
        self.lora_layers = {}
        self.cur_adapter_name = self.cur_adapter_path = ""
        self.cur_adapter_strength = 1.0

    def weights(self):
        """What the layers come to in a run."""
        return {name: round(layer.forward(), 6) for model in self.lora_layers.values() for name, layer in model.all_lora_layers()}

    def convert_to_lora_layers(self):
        self.lora_layers.setdefault("transformer", Layers())

    def set_lora_adapter(self, lora_nickname, lora_path=None, strength=1.0, accumulate=False):
        current = (self.cur_adapter_name, self.cur_adapter_path, self.cur_adapter_strength)
        if current == (lora_nickname, lora_path, strength) and not accumulate:
            return
        self.convert_to_lora_layers()
        if "cuda" in lora_path:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        if "broken" in os.path.basename(lora_path):
            raise ValueError(f"{lora_path} is no file of weights\nand a second line")
        self.cur_adapter_name, self.cur_adapter_path, self.cur_adapter_strength = lora_nickname, lora_path, strength
        for name, layer in self.lora_layers["transformer"].all_lora_layers():
            if name == "second" and "half" in os.path.basename(lora_path):
                layer.disable_lora = True
            else:
                layer.set_lora_weights(strength, accumulate)

    def unmerge_lora_weights(self):
        for model in self.lora_layers.values():
            for _, layer in model.all_lora_layers():
                layer.unmerge_lora_weights()
