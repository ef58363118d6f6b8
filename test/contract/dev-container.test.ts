import { describe, expect, test } from "vitest";
import { textOf } from "../support/project-files.js";
import { broken, closed, WORDS } from "../support/schema.js";
import { ts } from "./source.js";

const FILE = ".devcontainer/devcontainer.json";

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
 * The properties of a container that is made from an image, as containers.dev lists them; those of Docker Compose and
 * of a build are left out. Written anew: no package of npm brings the schema.
 */
const SCHEMA = closed(
  {
    name: WORDS,
    image: WORDS,
    features: { type: "object", additionalProperties: { type: ["object", "string", "boolean"] } },
    overrideFeatureInstallOrder: { type: "array", items: WORDS },
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
  ["image"],
);

interface Container {
  image: string;
  remoteUser?: string;
  forwardPorts?: unknown[];
  securityOpt?: string[];
  privileged?: boolean;
  capAdd?: string[];
  features?: Record<string, { version?: string }>;
}

/** What we promise beyond the specification. */
function ruleFaults(container: Container): string[] {
  const faults: string[] = [];
  const node = textOf(".nvmrc").trim();
  const [image, tag = ""] = container.image.split(":");
  if (image !== "mcr.microsoft.com/devcontainers/javascript-node") faults.push(`${image} is not the image with Node`);
  if (tag !== `${node}-bookworm`) faults.push(`${tag} is not Debian 12 with the Node of .nvmrc, ${node}`);
  if (container.remoteUser !== "node") faults.push("the user is not the image's ordinary one");
  if (container.privileged || container.capAdd) faults.push("own networks need no privilege");
  if (container.securityOpt?.join() !== "seccomp=unconfined")
    faults.push("own networks need unshare, and nothing else");
  if (!container.forwardPorts?.includes(8888)) faults.push("JupyterLab's port is not forwarded");
  if (container.features?.["ghcr.io/devcontainers/features/python:1"]?.version !== "os-provided") {
    faults.push("Debian's Python is not there");
  }
  return faults;
}

function faults(text: string): string[] {
  const { config, error } = ts.parseConfigFileTextToJson(FILE, text);
  if (error) return [ts.flattenDiagnosticMessageText(error.messageText, "\n")];
  return [...broken(SCHEMA, config), ...ruleFaults(config)];
}

test("the Dev Container is what the specification reads, and what npm start needs", () => {
  expect(faults(textOf(FILE))).toEqual([]);
});

describe("what is wrong is found", () => {
  test.each([
    ['"remoteUser": "node"', '"remoteUser": "root"', /ordinary one/],
    ['"remoteUser"', '"remoteuser"', /additional properties: remoteuser/],
    ["javascript-node:24", "javascript-node:22", /Node of \.nvmrc/],
    ["[8888]", "[0]", /forwardPorts\/0 must be >= 1/],
    ["[8888]", '"8888"', /must be array/],
    ['"silent"', '"quiet"', /one of the allowed values/],
    ['"init": true', '"init": "yes"', /must be boolean/],
    ['"init": true', '"privileged": true', /no privilege/],
    ['["seccomp=unconfined"]', "[]", /unshare/],
    ['"os-provided"', '"none"', /Debian's Python/],
    ['"npm start -- --version"', '""', /postCreateCommand must match/],
    ['"init": true,', '"init": true', /',' expected/],
  ])("%s → %s", (right, wrong, words) => {
    const text = textOf(FILE);
    expect(text).toContain(right);
    expect(faults(text.replace(right, wrong)).join("\n")).toMatch(words);
  });
});
