/**
 * The environment of a new user: this one without any trace of a Python environment, npm or Jupyter. Kernels have no snapshot unless `more`
 * says so: it takes seconds to make one for each copy of the project.
 */
export function newUser(home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NPM_|JUPYTER|IPYTHON|PYTHONDONTWRITEBYTECODE|VIRTUAL_ENV|CONDA|WORKSHOP_|VITEST|NODE_)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), HOME: home, SOCKET_WORKSHOP_SNAPSHOT: "off", ...more };
}
