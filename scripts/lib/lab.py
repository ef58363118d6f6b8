# Runs JupyterLab until its standard input ends. The process that holds the other end may be killed in a way
# that it cannot pass on; then JupyterLab and its kernels end as well.
import os
import signal
import sys
import threading


def end_with_standard_input():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_standard_input, daemon=True).start()

from jupyterlab.labapp import main  # noqa: E402  the import takes a second, and may be interrupted

sys.exit(main())
