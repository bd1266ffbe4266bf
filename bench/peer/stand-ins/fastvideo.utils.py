"""Its top imports PyTorch and Diffusers for helpers of the models; of it the mock's imports name one option parser."""

import argparse


class StoreBoolean(argparse.Action):
    """Named when SamplingParam is imported; no command line is read with it here."""
