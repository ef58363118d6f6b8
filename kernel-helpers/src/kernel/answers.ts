import type { Cursor, Engine } from "./engine";
import { kernelInfo } from "./info";

/** Makes the content of a reply from the content of a request, in which the fields are what they are to be (requests.ts). */
export type Answer = (content: Record<string, unknown>, engine: Promise<Engine>) => object | Promise<object>;

/** The requests that are answered at once; execute_request is not among them, see cells.ts. */
export const ANSWERS = new Map<string, Answer>(
  Object.entries<Answer>({
    kernel_info_request: () => kernelInfo,
    is_complete_request: async ({ code }, engine) => (await engine).isComplete(code as string),
    inspect_request: async (content, engine) => (await engine).inspect(content as unknown as Cursor),
    complete_request: async (content, engine) => (await engine).complete(content as unknown as Cursor),
    comm_info_request: () => ({ status: "ok", comms: {} }),
    history_request: async (content, engine) => (await engine).history.answer(content),
    // The signal itself, so that whoever listens to it in a cell hears of it too.
    interrupt_request: () => {
      process.kill(process.pid, "SIGINT");
      return { status: "ok" };
    },
    shutdown_request: ({ restart }) => ({ status: "ok", restart: restart === true }),
  }),
);
