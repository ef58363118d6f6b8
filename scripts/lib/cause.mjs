import { statfsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute } from "node:path";
import { root } from "./project.mjs";
import { isNewEnough, isTried, TRIED, versionText } from "./python.mjs";

/**
 * @typedef {"full" | "read-only" | "denied" | "home" | "shared" | "hash" | "proxy" | "certificate" | "unreachable" | "registry" | "lockfile"
 *   | "missing" | "killed" | "no wheel" | "broken Python" | "damaged"} Kind
 * @typedef {{ output: string, signal?: NodeJS.Signals | null, code?: number | null }} Failure how a program ended
 * @typedef {{ python?: import("./python.mjs").Python }} Circumstances
 * @typedef {{ kind: Kind, sentence: string }} Cause the sentence says what it is, and what helps
 * @typedef {{ kind: Kind, told: RegExp, where?: (path: string) => boolean, says: (match: RegExpExecArray, around: Circumstances) => string }} Known
 */

const MEGABYTE = 1e6;
/** What a first start needs, in MB; measured, and rounded up (README). */
const NEEDED = { folder: 450, home: 150, temporary: 150 };

/** Free megabytes where a folder lies, for those who are not root. @param {string} folder */
export function freeMegabytes(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return Math.floor((bavail * bsize) / MEGABYTE);
  } catch {
    return Number.POSITIVE_INFINITY; // not there, or not ours to look at: it is not what is full
  }
}

/** The places that are short of room; the project folder when none is: its room may have been given back since. */
function shortOfRoom() {
  const places = [
    { path: root, needed: NEEDED.folder },
    { path: homedir(), needed: NEEDED.home },
    { path: tmpdir(), needed: NEEDED.temporary },
  ].map((place) => ({ ...place, free: freeMegabytes(place.path) }));
  const short = places.filter(({ free, needed }) => free < needed);
  return (short.length > 0 ? short : places.slice(0, 1)).map(({ path, free }) => `${free} MB are free in ${path}`);
}

const full = () =>
  `the disk is full (${shortOfRoom().join(", ")}). A first start needs about ${NEEDED.folder} MB in the workshop's folder, ${NEEDED.home} MB in the home folder and ${NEEDED.temporary} MB in ${tmpdir()}: make room there.`;

/** The first absolute path in quotes, or after npm's word for it. @param {string} text */
const pathIn = (text) => /npm (?:error|ERR!) path (\/.+)/.exec(text)?.[1] ?? /['"‘](\/[^'"’\n]+)['"’]/.exec(text)?.[1];

/** Whether one of these folders lies in the other, or is it. @param {string} inner @param {string} outer */
const isIn = (inner, outer) => `${inner}/`.startsWith(`${outer.replace(/\/+$/, "")}/`);

/** What belongs to the home folder and not to the workshop's, also a folder above it that lacks it. @param {string} path */
function isOfHome(path) {
  const home = homedir();
  return isAbsolute(home) && !isIn(path, root) && !isIn(root, path) && (isIn(path, home) || isIn(home, path));
}

/** Without a user's name and password. @param {string} url */
function serverOf(url) {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    return url;
  }
}

/** The server that was asked, as far as the words name it. @param {string} text */
function asked(text) {
  const url = /(?:request to|timeout at:|Could not fetch URL|GET) (https?:\/\/[^\s,]+[^\s,:])/.exec(text)?.[1];
  if (url) return serverOf(url);
  const pool = /HTTP(S?)ConnectionPool\(host='([^']+)', port=(\d+)\)/.exec(text);
  return pool ? `${pool[1] ? "https" : "http"}://${pool[2]}:${pool[3]}` : "the server of the packages";
}

const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "npm_config_https_proxy", "npm_config_proxy", "PIP_PROXY"];

/** The proxy that this environment names. */
function proxy() {
  const names = PROXIES.flatMap((name) => [name, name.toLowerCase()]);
  const name = names.find((one) => process.env[one]);
  return name ? `${serverOf(process.env[name] ?? "")} (the variable ${name})` : undefined;
}

function proxyRemedy() {
  const named = proxy();
  return named
    ? `the way goes through the proxy ${named}: correct or unset that`
    : "correct the proxy in the settings of npm and pip (`npm config get proxy`, `pip config list`)";
}

function unreachable(/** @type {RegExpExecArray} */ match) {
  const way = proxy()
    ? proxyRemedy()
    : "check the network; where the internet is behind a proxy, set HTTPS_PROXY=http://HOST:PORT";
  return `${asked(match.input)} cannot be reached (${match[0]}): ${way}.`;
}

/** No file of this package fits: most often the Python's doing. @type {Known["says"]} */
function noWheel([, wanted = ""], { python }) {
  if (python && !isNewEnough(python)) return `Python ${versionText(python)} is too old: take ${TRIED}.`;
  if (python && !isTried(python)) {
    return `${wanted} has nothing for Python ${versionText(python)}, which is newer than the workshop's packages are made for: install one of Python ${TRIED} beside it, it is found by its name (python3.14).`;
  }
  const machine = `${process.platform} ${process.arch}`;
  const own = python ? `Python ${versionText(python)} on ${machine}` : machine;
  return `${wanted} has nothing for ${own}: another Python of ${TRIED}, or that of conda (environment.yml), may have it; a package server of one's own may lack it.`;
}

/**
 * What npm, pip, venv, tsc and the system print, from the surest to the vaguest: pip that reached no server also says
 * "No matching distribution found".
 * @type {Known[]}
 */
const KNOWN = [
  { kind: "full", told: /\bENOSPC\b|no space left on device|\bEDQUOT\b|disk quota exceeded/i, says: full },
  {
    kind: "home",
    told: /\b(?:EACCES|EPERM|EROFS|ENOTDIR)\b/,
    where: isOfHome,
    says: ({ 0: word, input }) =>
      `nothing can be written to ${pathIn(input)} (${word}), and your home folder is ${homedir()}, where npm keeps what it fetches: name another one in HOME, or a folder of npm's own in npm_config_cache, as in \`npm_config_cache=FOLDER npm start\`. If the home folder is the right one, make it yours (\`sudo chown -R "$USER" ${JSON.stringify(homedir())}\`).`,
  },
  {
    kind: "read-only",
    told: /\bEROFS\b|read-only file system/i,
    says: ({ input }) =>
      `${pathIn(input) ?? root} cannot be changed, its file system is read-only: copy the workshop's folder into your home folder, and start it there.`,
  },
  {
    kind: "denied",
    told: /\bEACCES\b|\bEPERM\b|permission denied|operation not permitted/i,
    says: ({ input }) =>
      `${pathIn(input) ?? root} may not be changed by you: it belongs to somebody else, or is protected. Make it yours (\`sudo chown -R "$USER" FOLDER\`), or copy the workshop's folder into your home folder, and start it there.`,
  },
  {
    // Seen when an npm that was broken off still wrote while the next one emptied node_modules.
    kind: "shared",
    told: /\bENOTEMPTY\b|directory not empty/i,
    says: ({ input }) =>
      `${pathIn(input) ?? root} was changed by something else at the same time: another npm works in this folder, or was broken off and had not ended.`,
  },
  {
    kind: "hash",
    told: /\bEINTEGRITY\b|DO NOT MATCH THE HASHES/,
    says: () =>
      "a package is not the one that the workshop was tested with, its hash differs: nothing of it was used. A proxy or a package server in between may have changed it, or the download was damaged: try another network. `npm cache verify` and `pip cache purge` empty what was kept.",
  },
  {
    kind: "proxy",
    told: /ProxyError|Cannot connect to proxy|407 Proxy|Proxy Authentication Required|ERR_PROXY/i,
    says: () => `the proxy refuses: ${proxyRemedy()}.`,
  },
  {
    kind: "certificate",
    told: /CERT_NOT_YET_VALID|CERT_HAS_EXPIRED|certificate has expired|certificate is not yet valid/,
    says: ({ input }) =>
      `the certificate of ${asked(input)} is not valid now: look whether this machine's clock is right (\`date\`).`,
  },
  {
    kind: "certificate",
    told: /\w*SELF_SIGNED_CERT\w*|invalid peer certificate|UNABLE_TO_(?:GET_ISSUER|VERIFY)\w*|ERR_TLS_CERT\w*|CERTIFICATE_VERIFY_FAILED/,
    says: ({ 0: word, input }) =>
      `the certificate of ${asked(input)} is not trusted (${word}), as behind a proxy that reads along: get its certificate from those who run the network, and name the file in NODE_EXTRA_CA_CERTS (npm) and PIP_CERT (pip).`,
  },
  {
    kind: "certificate",
    told: /\bSSLError|\bERR_SSL\w*|\bEPROTO\b/,
    says: ({ 0: word, input }) =>
      `no secure connection to ${asked(input)} comes about (${word}): something on the way answers in its place, such as a proxy or the login page of a network. Open a page of the web first, and look at HTTPS_PROXY.`,
  },
  {
    kind: "registry",
    told: /\b(?:E(40[134]|429|5\d\d)|([45]\d\d) (?:Client|Server) Error|HTTP error ([45]\d\d))\b/,
    says: ({ 1: npm, 2: pip, 3: file, input }) =>
      `${asked(input)} answers ${npm ?? pip ?? file}: it lacks the package, or refuses to give it. Look at the settings for a package server of one's own (\`npm config get registry\`, \`pip config list\`).`,
  },
  {
    kind: "unreachable",
    told: /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ERR_SOCKET_CLOSED|ENOTCACHED)\b|network timeout|Connection refused|Network is unreachable|No route to host|Temporary failure in name resolution|Name or service not known|nodename nor servname provided|NameResolutionError|(?:Connect|Read)Timeout\w*|NewConnectionError|Connection reset by peer|connection error|timed out/,
    says: unreachable,
  },
  {
    kind: "lockfile",
    told: /\bEUSAGE\b|package\.json and package-lock\.json .* in sync/,
    says: () =>
      "package.json and package-lock.json do not fit together: get both anew (`git checkout package.json package-lock.json`), or run `npm install` after a change of your own.",
  },
  { kind: "no wheel", told: /No matching distribution found for (\S+)/, says: noWheel },
  {
    kind: "broken Python",
    told: /No module named '?([\w.]+)|(ssl) module in Python is not available/,
    says: ({ 1: named, 2: ssl }, { python }) =>
      `Python${python ? ` ${versionText(python)} (${python.base})` : ""} is not complete, it lacks its module ${named ?? ssl}: install Python anew, or put another one of ${TRIED} first in PATH.`,
  },
];

/**
 * Why a program failed, from its own words; undefined when they tell nothing that is known here.
 * @param {Failure} failure
 * @param {Circumstances} [around]
 * @returns {Cause | undefined}
 */
export function causeOf({ output, signal, code }, around = {}) {
  for (const { kind, told, where, says } of KNOWN) {
    const match = told.exec(output);
    if (match && (!where || where(pathIn(output) ?? ""))) return { kind, sentence: says(match, around) };
  }
  if (signal === "SIGKILL" || code === 137) {
    return {
      kind: "killed",
      sentence: "the system ended it (SIGKILL), as it does when memory runs out: 1 GB should be free.",
    };
  }
  // Some say nothing.
  return freeMegabytes(root) < 1 ? { kind: "full", sentence: full() } : undefined;
}
