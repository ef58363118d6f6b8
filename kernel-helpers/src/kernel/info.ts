import { createRequire } from "node:module";

const tslab: { version: string } = require("tslab/package.json");
// Only the version is read, not the compiler: the kernel answers before the compiler is loaded.
const typescript: { version: string } = createRequire(require.resolve("tslab/dist/jupyter"))(
  "@tslab/typescript-for-tslab/package.json",
);

/** The content of a kernel_info_reply. */
export const kernelInfo = {
  status: "ok",
  protocol_version: "5.3",
  implementation: "tslab",
  implementation_version: tslab.version,
  language_info: {
    name: "typescript",
    version: typescript.version,
    mimetype: "text/typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    // The name and the flag are what notebook front ends with CodeMirror 5 look at; JupyterLab reads `mode`.
    codemirror_mode: { name: "javascript", typescript: true, mode: "typescript" },
    nbconvert_exporter: "script",
  },
  banner: `TypeScript ${typescript.version} on Node.js ${process.version} (tslab ${tslab.version})`,
  help_links: [] as { text: string; url: string }[],
};
