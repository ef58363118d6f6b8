// The process that runs a group goes on alone when vitest itself is ended, and so would the kernels that it has started.
process.on("disconnect", () => process.exit(1));
