"""What JupyterHub needs to know of the workshop."""
