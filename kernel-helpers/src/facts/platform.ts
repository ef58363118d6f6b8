/** The platforms whose constants and struct layouts are known here. */
export type PlatformName = "linux-x64" | "linux-arm64" | "darwin-x64" | "darwin-arm64";

const KNOWN: readonly string[] = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/** The name of a platform, or undefined where its tables do not exist. `os` and `arch` are Node's words. */
export function platformName(os: string, arch: string): PlatformName | undefined {
  const name = `${os}-${arch}`;
  return KNOWN.includes(name) ? (name as PlatformName) : undefined;
}

/** One sentence that says why a platform cannot be used and what to do, or undefined where all is well. */
export function platformProblem(os: string, arch: string): string | undefined {
  if (platformName(os, arch) !== undefined) return undefined;
  if (os === "win32") {
    return "The workshop makes the system calls of Linux and macOS, which Windows does not have: open it inside WSL2 or on Binder.";
  }
  return `The workshop knows Linux and macOS on x64 and arm64, and this is ${os}-${arch}: open it on Binder or on one of those.`;
}

/** The platform of this process, or undefined where its tables do not exist. The one place that asks. */
export function currentPlatform(): PlatformName | undefined {
  return platformName(process.platform, process.arch);
}

/** Why this process cannot make its calls; undefined on every supported platform. Opening libc throws this sentence. */
export const PLATFORM_PROBLEM: string | undefined = platformProblem(process.platform, process.arch);
