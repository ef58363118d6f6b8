import { followStates } from "./states";
import "./stock-kernel";

export { check, inOrder } from "./check";
export { every } from "./every";
export { handles } from "./handles";
export { ladder } from "./ladder";
export { livePlot } from "./live-plot";
export { panel } from "./panel";
export { addressBytes, plot, states } from "./pictures";
export { sockets } from "./sockets";

followStates();
