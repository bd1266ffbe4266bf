"""The package's own file imports VideoGenerator, and with it PyTorch: the mock has a generator of its own."""
