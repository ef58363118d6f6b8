"""Starts kernels that are reached by files, also one in a network of its own (Jupyter calls this a kernel provisioner)."""
