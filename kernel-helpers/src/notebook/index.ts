import "./stock-kernel";

export { check, inOrder } from "./check";
