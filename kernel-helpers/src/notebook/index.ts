import { followStates } from "./states";
import "./stock-kernel";

export { check, inOrder } from "./check";
export { ladder } from "./ladder";
export { panel } from "./panel";
export { addressBytes, plot, states } from "./pictures";
export { sockets } from "./sockets";

followStates();
