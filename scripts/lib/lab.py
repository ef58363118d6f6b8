# Runs JupyterLab until its standard input ends. The process that holds the other end may be killed in a way
# that it cannot pass on; then JupyterLab and its kernels end as well. The first argument is what lab.mjs knows, as
# JSON; all others are the user's, for JupyterLab.
import json
import os
import signal
import sys
import threading

# lab.mjs has the same number. Neither JupyterLab nor Python ends with it.
DAMAGED = 70


def end_with_standard_input():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_standard_input, daemon=True).start()

told = json.loads(sys.argv[1])
# The imports take a second, and may be interrupted.
try:
    import workshop_lab
except (ImportError, SyntaxError, AttributeError, OSError) as error:
    missing = isinstance(error, ModuleNotFoundError)
    what = f"{error.name} is missing" if missing else f"{type(error).__name__}: {error}"
    remedy = "run `npm start` again, it is made anew" if told["own"] else "install JupyterLab anew in it"
    print(f"✗ {sys.prefix} is damaged ({what}): {remedy}.", file=sys.stderr)
    sys.exit(DAMAGED)

sys.exit(workshop_lab.launch(told, sys.argv[2:]))
