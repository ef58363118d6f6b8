/*
 * Every socket option by its C name.
 */
export * from "./ip-options";
export * from "./ipv6-options";
export * from "./socket-options";
export * from "./tcp-options";
