import { requirePython } from "./lib/environment.mjs";
import { compile, PINNED, resolver } from "./lib/pins.mjs";
import { runMain } from "./lib/problem.mjs";
import { inProject } from "./lib/project.mjs";
import { insist, step } from "./lib/step.mjs";

// npm run pins: writes each requirements.txt from its requirements.in. What is pinned stays as it is; to move pins:
//   npm run pins -- --upgrade                  all of them, to the newest
//   npm run pins -- --upgrade-package=NAME     one
await runMain(async () => {
  const uv = await resolver(requirePython);
  for (const name of PINNED) {
    await step(`${name}.txt`, async () => {
      const ended = await compile(uv, name, inProject(`${name}.txt`), process.argv.slice(2));
      insist(ended, `uv could not pin what ${name}.in asks for; its words are above.`);
    });
  }
  return 0;
});
