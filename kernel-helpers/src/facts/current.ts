import { currentPlatform } from "./platform";
import { factsOf, type PlatformFacts } from "./platform-facts";

/**
 * The facts of the platform this process runs on. On a platform without tables they are those of linux-x64, so that importing,
 * reading and drawing still work there; opening libc is what fails, with PLATFORM_PROBLEM.
 */
export const facts: PlatformFacts = factsOf(currentPlatform() ?? "linux-x64");

/** The constants of this platform by their C names: `constants.AF_INET`. A flag that the platform lacks is 0. */
export const constants = facts.constants;
