import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { causeOf } from "../../scripts/lib/cause.mjs";
import { Command } from "../support/command.js";
import { fetched } from "../support/fetched.js";
import { newUser } from "../support/new-user.js";
import { asOrdinaryUser } from "../support/ordinary-start.js";
import {
  addBuild,
  addEnvironment,
  addPackages,
  copyWithoutTests,
  newFolder,
  project,
  untouchedCopy,
} from "./project-copy.js";

// Some install over the network. Measured on 2 cores: 25 s the longest, alone.
vi.setConfig({ testTimeout: 600_000 });

const START = [process.execPath, "scripts/start.mjs", "--version"];

/** In a namespace for mounts of one's own: what is mounted is gone with the command. */
const MOUNTS = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];

/** npm and pip find what they have fetched before, of the servers that they are told of. */
const user = (more: NodeJS.ProcessEnv = {}) => newUser(newFolder("home"), { ...fetched, ...more });

function command(program: string, args: string[], copy: string, env: NodeJS.ProcessEnv): Command {
  const started = new Command(program, args, copy, env);
  onTestFinished(() => started.end());
  return started;
}

const start = (copy: string, env: NodeJS.ProcessEnv) => command(START[0]!, START.slice(1), copy, env).ended;

/** A copy with an environment and no more: npm and the build have nothing beside them. */
function copyWithEnvironment(finished?: (cleanUp: () => void) => void): string {
  const copy = copyWithoutTests(finished);
  addEnvironment(copy);
  return copy;
}

/** A copy with all but the environment. */
function builtCopy(finished?: (cleanUp: () => void) => void): string {
  const copy = copyWithoutTests(finished);
  addPackages(copy);
  addBuild(copy);
  return copy;
}

const leftovers: (() => void)[] = [];
afterAll(() => {
  for (const cleanUp of leftovers) cleanUp();
});

let byHand = "";
/**
 * The same with an environment that somebody has made by hand, without pip: the first set-up puts it in. Such an environment is kept, and added
 * to, so that one will do for all who add nothing else.
 */
function builtCopyWithEnvironment(): string {
  if (byHand === "") {
    byHand = builtCopy((cleanUp) => void leftovers.push(cleanUp));
    execFileSync("python3", ["-m", "venv", "--without-pip", join(byHand, ".venv")]);
  }
  copyFileSync(join(project, "requirements.txt"), join(byHand, "requirements.txt"));
  return byHand;
}

const kilobytes = (folder: string) => Number(execFileSync("du", ["-sk", folder], { encoding: "utf8" }).split("\t")[0]);

/** Starts a copy on a disk of its own on which so many kilobytes are free; with several figures, again and again, the disk having grown. */
function onSmallDisks(copy: string, ...free: number[]) {
  const disk = newFolder("disk");
  const used = kilobytes(copy);
  const script = `
from=$1 disk=$2
shift 2
mount -t tmpfs -o "size=$1k" none "$disk"
cp -a "$from/." "$disk"
cd "$disk"
for size; do
  # Named whole: otherwise mount adds what the file system has, and a user who is root in a namespace may not say whose it is (uid=).
  mount -t tmpfs -o "remount,size=\${size}k" none "$disk"
  ${START.map((word) => `'${word}'`).join(" ")} || :
  [ ! -e node_modules/.package-lock.json ] || echo "npm's record is there"
done`;
  const sizes = free.map((one) => `${used + one}`);
  return command("unshare", [...MOUNTS, "sh", "-euc", script, "sh", copy, disk, ...sizes], copy, user()).ended;
}

/** The lines about steps, without their seconds, and then those that say what went wrong: the two come by ways of their own. */
function signs(output: string): string[] {
  const lines = output.split("\n").filter((line) => /^[✓✗]/.test(line));
  const isStep = (line: string) => /: \d+ s$/.test(line);
  const steps = lines.filter(isStep).map((line) => line.replace(/: \d+ s$/, ""));
  return [...steps, ...lines.filter((line) => !isStep(line))];
}

describe("a full disk", () => {
  const FULL = String.raw`the disk is full \(\d+ MB are free in /.*\)\. A first start needs about .* MB in .*: make room there\. Then run the same command again: what was not finished is done anew\.$`;

  test("while npm installs, which npm itself takes for a success", async () => {
    const { output } = await onSmallDisks(copyWithEnvironment(), 20_000);
    expect(signs(output)).toEqual([
      "✗ Installing npm packages",
      expect.stringMatching(`^✗ npm could not install the packages: ${FULL}`),
    ]);
    expect(output).not.toContain("npm's record is there");
  });

  test("while npm and pip install: one of them is told of, and npm's packages do not count as there", async () => {
    const { output } = await onSmallDisks(copyWithoutTests(), 20_000);
    const told = signs(output).filter((line) => line.includes("the disk is full"));
    expect(told).toEqual([expect.stringMatching(`^✗ (npm|Python|pip) could not .*: ${FULL}`)]);
    expect(output).not.toContain("npm's record is there");
  });

  test("while kernel-helpers is built, which is built anew when there is room", async () => {
    const copy = copyWithEnvironment();
    addPackages(copy);
    const { output } = await onSmallDisks(copy, 400, 20_000);
    expect(signs(output)).toEqual([
      "✗ Building kernel-helpers",
      "✓ Building kernel-helpers",
      expect.stringMatching(`^✗ kernel-helpers could not be built: ${FULL}`),
      expect.stringMatching(/^✓ Node /),
    ]);
  });

  test("while the environment is made, which is made anew; and while pip installs", async () => {
    const copy = builtCopy();
    // Two large packages, one after the other, fill it as well as a hundred.
    const packages = readFileSync(join(copy, "requirements.txt"), "utf8").split(/^(?=\S)/m);
    const large = packages.filter((one) => /^(debugpy|jupyterlab)==/.test(one));
    expect(large).toHaveLength(2);
    writeFileSync(join(copy, "requirements.txt"), large.join(""));
    const { output } = await onSmallDisks(copy, 4_000, 40_000);
    expect(signs(output)).toEqual([
      "✗ Making .venv for JupyterLab",
      "✓ Making .venv for JupyterLab",
      "✗ Installing JupyterLab",
      expect.stringMatching(`^✗ Python could not make a virtual environment in /.*/\\.venv: ${FULL}`),
      expect.stringMatching(`^✗ pip could not install JupyterLab: ${FULL}`),
    ]);
  });
});

/** A server for http that answers everything with this status; https it does not speak. */
async function server(status: number): Promise<string> {
  const answering = createServer((_request, response) => response.writeHead(status).end()).listen(0, "127.0.0.1");
  await once(answering, "listening");
  onTestFinished(() => void answering.close());
  return `127.0.0.1:${(answering.address() as AddressInfo).port}`;
}

describe("a package server", () => {
  const NOBODY = async () => "http://127.0.0.1:9";
  const cases: [what: string, where: () => Promise<string>, says: RegExp][] = [
    ["that nobody runs", NOBODY, /http:\/\/127\.0\.0\.1:9 cannot be reached \(.*\): check the network; .*HTTPS_PROXY/],
    ["that refuses", async () => `http://${await server(403)}`, /http:\/\/127\.0\.0\.1:\d+ answers 403: it .*refuses/],
    ["that has nothing", async () => `http://${await server(404)}`, /http:\/\/127\.0\.0\.1:\d+ answers 404: it lacks/],
    [
      "in whose place something else answers",
      async () => `https://${await server(200)}`,
      /no secure connection to https:\/\/127\.0\.0\.1:\d+ comes about/,
    ],
  ];
  let copy = "";
  /** npm empties what the one before has left. */
  const copyForNpm = () => {
    copy ||= copyWithEnvironment((cleanUp) => void leftovers.push(cleanUp));
    return copy;
  };
  const noProxy = { HTTPS_PROXY: "", HTTP_PROXY: "", https_proxy: "", http_proxy: "" };

  test.each(cases)("of npm %s", async (_what, where, says) => {
    const npm = { npm_config_cache: newFolder("npm"), npm_config_fetch_retries: "0" };
    const { code, output } = await start(
      copyForNpm(),
      user({ ...noProxy, ...npm, npm_config_registry: await where() }),
    );
    expect(signs(output)).toEqual([
      "✗ Installing npm packages",
      expect.stringMatching(new RegExp(`^✗ npm could not install the packages: ${says.source}`)),
    ]);
    expect(code).toBe(1);
  });

  // Without another trial the reason is not in what pip prints by itself. Each begins an environment first: two will do.
  test.each(cases.slice(0, 2))("of pip %s", async (_what, where, says) => {
    const index = { PIP_CONFIG_FILE: "/dev/null", PIP_FIND_LINKS: "", PIP_RETRIES: "0" };
    const env = user({ ...noProxy, ...index, PIP_INDEX_URL: `${await where()}/simple` });
    const { code, output } = await start(builtCopyWithEnvironment(), env);
    expect(signs(output)).toEqual([
      "✓ Making .venv for JupyterLab",
      "✗ Installing JupyterLab",
      expect.stringMatching(new RegExp(`^✗ pip could not install JupyterLab: ${says.source}`)),
    ]);
    expect(code).toBe(1);
  });

  test("behind a proxy that is not there: the proxy is named, without its password", async () => {
    const npm = { npm_config_cache: newFolder("npm"), npm_config_fetch_retries: "0", npm_config_noproxy: "" };
    const address = "http://somebody:secret@127.0.0.1:9";
    const proxy = { ...noProxy, HTTPS_PROXY: address, https_proxy: address, NO_PROXY: "", no_proxy: "" };
    const { output } = await start(copyForNpm(), user({ ...npm, ...proxy }));
    const problem = signs(output).at(-1);
    expect(problem).toMatch(
      /cannot be reached .*through the proxy http:\/\/127\.0\.0\.1:9 \(the variable HTTPS_PROXY\)/,
    );
    expect(problem).not.toContain("secret");
  });
});

describe("a package", () => {
  const replaced = (from: RegExp, to: string): string => {
    const copy = builtCopyWithEnvironment();
    const file = join(copy, "requirements.txt");
    const text = readFileSync(file, "utf8");
    expect(text).toMatch(from);
    writeFileSync(file, text.replace(from, to));
    return copy;
  };

  test("that is not the one with which the workshop was tested", async () => {
    const copy = replaced(/^(anyio==\S+ \\\n)( {4}--hash=.*\n)+/m, `$1    --hash=sha256:${"0".repeat(64)}\n`);
    const { output } = await start(copy, user());
    expect(signs(output).at(-1)).toMatch(
      /^✗ pip could not install JupyterLab: a package is not the one .* hash differs/,
    );
  });

  test("that has nothing for this Python", async () => {
    const { output } = await start(replaced(/^anyio==\S+/m, "anyio==0.0.0"), user());
    expect(signs(output).at(-1)).toMatch(
      /^✗ pip could not install JupyterLab: anyio==0\.0\.0 has nothing for Python 3\.\S+ on linux \w+: another Python of 3\.10 to 3\.14/,
    );
  });

  test("of npm that lacks a file: it is installed anew the next time", async () => {
    const copy = copyWithEnvironment();
    addPackages(copy);
    const real = join(copy, "node_modules");
    const whole = readFileSync(join(real, ".package-lock.json"));
    // A folder of its own in the link's place, in which everything is, but of koffi its package.json alone.
    execFileSync(
      "sh",
      [
        "-euc",
        'whole=$(readlink node_modules) && rm node_modules && mkdir node_modules && ln -s "$whole"/* node_modules && rm node_modules/koffi && mkdir node_modules/koffi && cp "$whole/koffi/package.json" node_modules/koffi',
      ],
      { cwd: copy },
    );
    writeFileSync(join(real, ".package-lock.json"), whole);
    const { output } = await start(copy, user());
    expect(signs(output)).toEqual([
      "✗ Building kernel-helpers",
      "✗ kernel-helpers could not be built: the npm packages are damaged. Run the same command again, it installs them anew.",
    ]);
    expect(existsSync(join(real, ".package-lock.json"))).toBe(false);
  });

  test("kernel-helpers with a mistake of somebody's own is not laid to the packages' charge", async () => {
    const copy = copyWithEnvironment();
    addPackages(copy);
    appendFileSync(join(copy, "kernel-helpers", "src", "index.ts"), "const wrong: number = true;\n");
    const { output } = await start(copy, user());
    expect(output).toContain("error TS2322");
    expect(signs(output).at(-1)).toMatch(
      /^✗ kernel-helpers could not be built: the lines above say where its source is wrong\.$/,
    );
    expect(lstatSync(join(copy, "node_modules")).isSymbolicLink()).toBe(true);
  });
});

describe("a folder that cannot be written", () => {
  test("because its file system is read-only", async () => {
    const copy = copyWithoutTests();
    const script = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; cd "$1"; shift; exec "$@"';
    const { code, output } = await command(
      "unshare",
      [...MOUNTS, "sh", "-euc", script, "sh", copy, ...START],
      copy,
      user(),
    ).ended;
    expect(output).toMatch(
      /^✗ The set-up broke off: .*\/\.setup\.lock cannot be changed, its file system is read-only: copy .*\n$/,
    );
    expect(code).toBe(1);
  });

  test("because it is somebody else's", async () => {
    const copy = copyWithoutTests();
    const own = ["node", "scripts/start.mjs"];
    const started = asOrdinaryUser(copy, newFolder("outside"), own, { python: "/usr/bin/python3", owns: false });
    onTestFinished(() => started.end());
    const { code, output } = await started.ended;
    expect(output).toMatch(/^✗ The set-up broke off: .*\/\.setup\.lock may not be changed by you: .*\n$/);
    expect(code).toBe(1);
  });
});

describe("a home folder that cannot be written", () => {
  let copy = "";
  /** As an ordinary user, who may make no folder in `/`. npm changes nothing before it fails. */
  const startWith = (home: string, ...more: string[]) => {
    const own = ["env", `HOME=${home}`, ...more, "node", "scripts/start.mjs", "--version"];
    const [env = "", ...rest] = own;
    const program = execFileSync("sh", ["-c", `command -v ${env}`], { encoding: "utf8" }).trim();
    const options = { python: "/usr/bin/python3" };
    copy ||= copyWithoutTests((cleanUp) => void leftovers.push(cleanUp));
    const started = asOrdinaryUser(copy, newFolder("outside"), [program, ...rest], options);
    onTestFinished(() => started.end());
    return started.ended;
  };

  test.each(["/nonexistent", "/nonexistent/either", "/dev/null"])("%s: it is named, and what helps", async (home) => {
    const { code, output } = await startWith(home);
    const problem = signs(output).at(-1);
    expect(problem).toMatch(/^✗ npm could not install the packages: nothing can be written to \/\S+ \(E[A-Z]+\)/);
    expect(problem).toContain(`your home folder is ${home}, where npm keeps`);
    expect(problem).toMatch(/name another one in HOME, .*`npm_config_cache=FOLDER npm start`/);
    expect(problem).not.toContain("copy the workshop's folder");
    expect(code).toBe(1);
  });

  test("what helps takes npm beyond it", async () => {
    // Without the network npm ends at what it has not fetched.
    const { output } = await startWith("/nonexistent", "npm_config_cache=cache", "npm_config_offline=true");
    expect(signs(output).at(-1)).toContain("(ENOTCACHED)");
  });
});

test("npm that is not there is told before anything is installed", async () => {
  const copy = untouchedCopy();
  const path = newFolder("path");
  const script = "import sys; print(sys.executable)";
  symlinkSync(execFileSync("python3", ["-c", script], { encoding: "utf8" }).trim(), join(path, "python3"));
  const { code, output } = await start(copy, newUser(newFolder("home"), { PATH: path }));
  expect(output).toMatch(/^✗ npm is missing: .*`sudo apt install npm`, or install Node\.js from https:\/\/nodejs\.org/);
  expect(code).toBe(1);
});

test("a step whose program was killed is not shown as done", async () => {
  const copy = copyWithEnvironment();
  const npm = join(newFolder("npm"), "npm-cli.js");
  writeFileSync(npm, "process.kill(process.pid, 'SIGKILL');");
  chmodSync(npm, 0o755);
  const { output } = await start(copy, user({ npm_execpath: npm }));
  expect(signs(output)).toEqual([
    "✗ Installing npm packages",
    expect.stringMatching(/^✗ npm .*ended it \(SIGKILL\).*memory/),
  ]);
});

describe("what cannot be brought about here is told by the words of the programs", () => {
  const python = (...version: [number, number, number]) => ({
    python: { version, executable: "/x", base: "/x", prefix: "/x", venv: true, lacks: [], jupyterlab: null },
  });

  test.each([
    ["npm error code EDQUOT\nnpm error path /home/x/.npm", "full", /disk is full/],
    [
      "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /home/x/.npm/_cacache",
      "denied",
      /^\/home\/x\/\.npm\/_cacache may not be changed by you: .*chown/,
    ],
    ["[Errno 13] Permission denied: '/srv/w/.venv/lib'", "denied", /^\/srv\/w\/\.venv\/lib may not/],
    [
      "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to https://r.invalid/zeromq failed, reason: self-signed certificate in certificate chain",
      "certificate",
      /^the certificate of https:\/\/r\.invalid is not trusted \(SELF_SIGNED_CERT_IN_CHAIN\).*NODE_EXTRA_CA_CERTS.*PIP_CERT/,
    ],
    [
      "Could not fetch URL https://r.invalid/simple/anyio/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='r.invalid', port=443): Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)'))) - skipping",
      "certificate",
      /^the certificate of https:\/\/r\.invalid is not trusted/,
    ],
    ["npm error code CERT_NOT_YET_VALID", "certificate", /clock/],
    [
      "npm error code ENOTFOUND\nnpm error network request to https://r.invalid/zeromq failed, reason: getaddrinfo ENOTFOUND r.invalid",
      "unreachable",
      /^https:\/\/r\.invalid cannot be reached \(ENOTFOUND\)/,
    ],
    [
      "npm error code FETCH_ERROR\nnpm error errno FETCH_ERROR\nnpm error network timeout at: http://r.invalid/zeromq",
      "unreachable",
      /^http:\/\/r\.invalid cannot be reached/,
    ],
    [
      "npm error code ETIMEDOUT\nnpm error network request to https://r.invalid/koffi failed",
      "unreachable",
      /ETIMEDOUT/,
    ],
    [
      "npm error code ENOTEMPTY\nnpm error syscall rmdir\nnpm error path /srv/w/node_modules/koffi\nnpm error errno -39",
      "shared",
      /^\/srv\/w\/node_modules\/koffi was changed .*another npm works in this folder, or was broken off/,
    ],
    ["npm error code EINTEGRITY\nnpm error sha512-x integrity checksum failed", "hash", /its hash differs/],
    [
      "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.",
      "lockfile",
      /do not fit together/,
    ],
    ["/usr/bin/python3: No module named ensurepip", "broken Python", /lacks its module ensurepip/],
  ])("%s", (output, kind, says) => {
    vi.stubEnv("HTTPS_PROXY", undefined);
    const cause = causeOf({ output });
    expect(cause?.kind).toBe(kind);
    expect(cause?.sentence).toMatch(says);
    vi.unstubAllEnvs();
  });

  test("a Python that is too new or too old for a package", () => {
    const output = "ERROR: No matching distribution found for rpds-py==2026.9.1";
    expect(causeOf({ output }, python(3, 15, 0))?.sentence).toMatch(
      /^rpds-py==2026\.9\.1 has nothing for Python 3\.15\.0, which is newer .* install one of Python 3\.10 to 3\.14 beside it/,
    );
    expect(causeOf({ output }, python(3, 9, 2))?.sentence).toMatch(/^Python 3\.9\.2 is too old: take 3\.10 to 3\.14/);
  });

  test("words that tell nothing are not explained", () => {
    expect(causeOf({ output: "npm error Invalid Version: " })).toBeUndefined();
  });
});
