import { homedir } from "node:os";
import { join } from "node:path";

/** Where npm and pip keep what whoever runs the tests has fetched, for a new user who installs: each package is fetched once. */
export const fetched: NodeJS.ProcessEnv = {
  npm_config_cache: join(homedir(), ".npm"),
  npm_config_update_notifier: "false",
  PIP_CACHE_DIR: process.env.PIP_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pip"),
};
