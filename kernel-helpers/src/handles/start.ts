import { listenForInterrupts, reactor } from "../readiness";
import { Backstage, during } from "../trace";
import "./by-number";
import "./tcp-sockets";

/*
 * The thread that waits is started when the package is loaded, not when the first call has to wait: a process that is out of descriptors
 * cannot start a thread any more.
 */
during(new Backstage("waiting"), () => reactor());
listenForInterrupts();
