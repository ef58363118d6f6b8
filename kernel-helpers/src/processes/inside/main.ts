import "./lifetime";

import "../../handles/start";
import { loopbackUp } from "../../calls";
import { lookAfterSteps, lookNow, networkOf } from "../../inspection";
import { clockOrigin } from "../../readiness";
import { Backstage, during } from "../../trace";
import type { Request } from "../messages";
import { call, cancel } from "./answer";
import { closeHandles } from "./handle-numbers";
import { reportStates, reportSteps } from "./report";
import { tell, tellNow } from "./tell";

// The program of the other process: it makes the calls that the notebook asks for, and tells of everything that they do.

process.on("message", (request: Request) => {
  if (request.ask === "call") call(request);
  else if (request.ask === "cancel") cancel(request.id, request.why);
  else if (request.ask === "watch") lookAfterSteps();
  else if (request.ask === "look") lookNow();
  else stop();
});

/** Closes the handles; when the answers of the calls that waited on them are on their way, the pipe is closed, and this process ends. */
function stop(): void {
  closeHandles();
  setImmediate(() => {
    tell({ tell: "stopping" });
    tellNow(() => process.disconnect());
  });
}

reportSteps();
reportStates();
tell({ tell: "ready", clock: clockOrigin(), network: networkOf() });
// In the same turn, so that the notebook hears of both at once: of the calls too.
if (process.argv[3] === "own") during(new Backstage("own network"), loopbackUp);
