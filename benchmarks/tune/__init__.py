"""Tuning copies of the bundled encoder, each for one purpose. Only this needs PyTorch (`pip install torch`)."""
