import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { textOf } from "../support/project-files.js";
import { broken, closed, WORDS } from "../support/schema.js";

/*
 * hub/kubernetes.yaml against what Zero to JupyterHub's documentation says of its values, and against what hub/ promises of one machine.
 * `helm template` needs the chart, which no package server has that the tests may ask.
 */

const FILE = "hub/kubernetes.yaml";
/** A quantity of memory, as KubeSpawner reads it. */
const MEMORY = { type: "string", pattern: "^\\d+(\\.\\d+)?[KMGT]$" };
const PROCESSORS = { type: "number", exclusiveMinimum: 0 };
const HOOK = closed({ exec: closed({ command: { type: "array", items: WORDS, minItems: 1 } }, ["command"]) }, ["exec"]);

/** Of the chart's values, those that are set here. `hub.config` is JupyterHub's own: a class with its traits. */
const SCHEMA = closed(
  {
    hub: closed({ config: { type: "object", additionalProperties: { type: "object" } } }),
    singleuser: closed({
      image: closed({ name: WORDS, tag: WORDS }, ["name", "tag"]),
      defaultUrl: { type: "string", pattern: "^/" },
      cpu: closed({ guarantee: PROCESSORS, limit: PROCESSORS }),
      memory: closed({ guarantee: MEMORY, limit: MEMORY }),
      storage: closed({
        capacity: { type: "string", pattern: "^\\d+[KMGT]i$" },
        homeMountPath: { type: "string", pattern: "^/" },
      }),
      lifecycleHooks: closed({ postStart: HOOK, preStop: HOOK }),
    }),
    cull: closed({
      enabled: { type: "boolean" },
      timeout: { type: "integer", minimum: 1 },
      every: { type: "integer", minimum: 1 },
    }),
  },
  ["hub", "singleuser", "cull"],
);

interface Values {
  hub: { config: { SharedPasswordAuthenticator?: { user_password: string; admin_password: string } } };
  singleuser: { defaultUrl: string; storage: { homeMountPath: string } };
  cull: { enabled: boolean; timeout: number };
}

/** What we promise beyond the chart's schema. */
function ruleFaults({ hub, singleuser, cull }: Values): string[] {
  const faults: string[] = [];
  const passwords = hub.config.SharedPasswordAuthenticator;
  if (passwords === undefined || passwords.user_password + passwords.admin_password !== "")
    faults.push("a password stands in the file, or none can be given");
  if (!cull.enabled || cull.timeout < 90 * 60) faults.push("idle servers end before lunch is over, or never");
  const start = `/lab/tree/${singleuser.storage.homeMountPath.split("/").at(-1)}/notebooks/00-start-here.ipynb`;
  if (singleuser.defaultUrl !== start) faults.push("what opens is not the learner's own notebook 00");
  return faults;
}

function faults(text: string): string[] {
  const values = parse(text);
  const shape = broken(SCHEMA, values);
  return shape.length > 0 ? shape : ruleFaults(values);
}

test("the values for Kubernetes are those that the chart reads, and keep hub/'s promises", () => {
  expect(faults(textOf(FILE))).toEqual([]);
});

describe("what is wrong is found", () => {
  test.each([
    ["singleuser:", "singleUser:", /must have required property 'singleuser'/],
    ["homeMountPath", "homePath", /additional properties: homePath/],
    ["limit: 2500M", "limit: lots", /memory\/limit must match/],
    ["limit: 2\n", 'limit: "2"\n', /cpu\/limit must be number/],
    ['tag: "1"', "tag: 1", /image\/tag must be string/],
    ["timeout: 10800", "timeout: 600", /lunch/],
    ['user_password: ""', 'user_password: "x"', /password/],
    ["/lab/tree/mine/", "/lab/tree/", /notebook 00/],
  ])("%s → %s", (right, wrong, words) => {
    const text = textOf(FILE);
    expect(text).toContain(right);
    expect(faults(text.replace(right, wrong)).join("\n")).toMatch(words);
  });
});
