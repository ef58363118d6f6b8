import { describe, expect, test } from "vitest";
import { textOf } from "../support/project-files.js";
import { broken, closed, WORDS } from "../support/schema.js";
import { ts } from "./source.js";

const FILE = ".devcontainer/devcontainer.json";
const DOCKERFILE = ".devcontainer/Dockerfile";

const COMMAND = {
  anyOf: [
    WORDS,
    { type: "array", items: WORDS },
    { type: "object", additionalProperties: { type: ["string", "array"] } },
  ],
};
const PORT = closed({
  label: WORDS,
  protocol: { enum: ["http", "https"] },
  onAutoForward: { enum: ["notify", "openBrowser", "openBrowserOnce", "openPreview", "silent", "ignore"] },
  requireLocalPort: { type: "boolean" },
  elevateIfNeeded: { type: "boolean" },
});
const WORDS_BY_NAME = { type: "object", additionalProperties: { type: "string" } };

/**
 * The properties of a container that is built from a Dockerfile, as containers.dev lists them; those of Docker Compose and
 * of features are left out. Written anew: no package of npm brings the schema.
 */
const SCHEMA = closed(
  {
    name: WORDS,
    build: closed(
      {
        dockerfile: WORDS,
        context: WORDS,
        target: WORDS,
        args: WORDS_BY_NAME,
        options: { type: "array", items: WORDS },
      },
      ["dockerfile"],
    ),
    forwardPorts: { type: "array", items: { type: ["integer", "string"], minimum: 1, maximum: 65_535 } },
    portsAttributes: { type: "object", additionalProperties: PORT },
    otherPortsAttributes: PORT,
    containerEnv: WORDS_BY_NAME,
    remoteEnv: { type: "object", additionalProperties: { type: ["string", "null"] } },
    containerUser: WORDS,
    remoteUser: WORDS,
    updateRemoteUserUID: { type: "boolean" },
    userEnvProbe: { enum: ["none", "interactiveShell", "loginShell", "loginInteractiveShell"] },
    overrideCommand: { type: "boolean" },
    shutdownAction: { enum: ["none", "stopContainer"] },
    init: { type: "boolean" },
    privileged: { type: "boolean" },
    capAdd: { type: "array", items: WORDS },
    securityOpt: { type: "array", items: WORDS },
    mounts: { type: "array", items: { type: ["string", "object"] } },
    runArgs: { type: "array", items: WORDS },
    workspaceFolder: WORDS,
    workspaceMount: WORDS,
    customizations: { type: "object" },
    hostRequirements: closed({
      cpus: { type: "integer", minimum: 1 },
      memory: { type: "string", pattern: "^\\d+([tgmk]b)?$" },
      storage: { type: "string", pattern: "^\\d+([tgmk]b)?$" },
      gpu: { enum: [true, false, "optional"] },
    }),
    initializeCommand: COMMAND,
    onCreateCommand: COMMAND,
    updateContentCommand: COMMAND,
    postCreateCommand: COMMAND,
    postStartCommand: COMMAND,
    postAttachCommand: COMMAND,
    waitFor: { enum: ["initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand"] },
  },
  ["build"],
);

interface Container {
  build: { dockerfile: string };
  remoteUser?: string;
  forwardPorts?: unknown[];
  securityOpt?: string[];
  privileged?: boolean;
  capAdd?: string[];
}

/** What we promise beyond the specification. */
function ruleFaults(container: Container): string[] {
  const faults: string[] = [];
  if (container.remoteUser !== "node") faults.push("the user is not the image's ordinary one");
  if (container.privileged || container.capAdd) faults.push("own networks need no privilege");
  if (container.securityOpt?.join() !== "seccomp=unconfined")
    faults.push("own networks need unshare, and nothing else");
  if (!container.forwardPorts?.includes(8888)) faults.push("JupyterLab's port is not forwarded");
  return faults;
}

/** The image that it is built from, and what is added to it. */
function imageFaults(dockerfile: string): string[] {
  const faults: string[] = [];
  if (/^FROM (\S+)$/m.exec(dockerfile)?.[1] !== `node:${textOf(".nvmrc").trim()}-bookworm`)
    faults.push("not Debian 12 with the Node of .nvmrc");
  if (!/apt-get install .*\bpython3 python3-venv\b/.test(dockerfile)) faults.push("Debian's Python is not there");
  return faults;
}

function faults(text: string): string[] {
  const { config, error } = ts.parseConfigFileTextToJson(FILE, text);
  if (error) return [ts.flattenDiagnosticMessageText(error.messageText, "\n")];
  return [...broken(SCHEMA, config), ...ruleFaults(config)];
}

test("the Dev Container is what the specification reads, and what npm start needs", () => {
  expect(faults(textOf(FILE))).toEqual([]);
  expect(imageFaults(textOf(DOCKERFILE))).toEqual([]);
});

test.each([
  ["node:24", "node:22", "not Debian 12 with the Node of .nvmrc"],
  ["python3-venv", "", "Debian's Python is not there"],
])("an image with %s → %s is found", (right, wrong, words) => {
  expect(imageFaults(textOf(DOCKERFILE).replace(right, wrong))).toEqual([words]);
});

describe("what is wrong is found", () => {
  test.each([
    ['"remoteUser": "node"', '"remoteUser": "root"', /ordinary one/],
    ['"remoteUser"', '"remoteuser"', /additional properties: remoteuser/],
    ['"dockerfile"', '"dockerFile"', /must have required property 'dockerfile'/],
    ["[8888]", "[0]", /forwardPorts\/0 must be >= 1/],
    ["[8888]", '"8888"', /must be array/],
    ['"silent"', '"quiet"', /one of the allowed values/],
    ['"init": true', '"init": "yes"', /must be boolean/],
    ['"init": true', '"privileged": true', /no privilege/],
    ['["seccomp=unconfined"]', "[]", /unshare/],
    ['"npm start -- --version"', '""', /postCreateCommand must match/],
    ['"init": true,', '"init": true', /',' expected/],
  ])("%s → %s", (right, wrong, words) => {
    const text = textOf(FILE);
    expect(text).toContain(right);
    expect(faults(text.replace(right, wrong)).join("\n")).toMatch(words);
  });
});
