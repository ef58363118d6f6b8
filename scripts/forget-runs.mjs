import { forgetRuns } from "./lib/notebook-filter.mjs";

// What JupyterLab runs after a save (saves.py): git takes a notebook that was only run for unchanged.
forgetRuns();
