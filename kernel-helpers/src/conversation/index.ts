export type {
  AddressSince,
  Cargo,
  Certainty,
  Conversation,
  ConversationCall,
  ConversationSocket,
  Fate,
  Link,
  Reason,
} from "./conversation";
export { addressAt } from "./conversation";
export {
  type ConversationStep,
  type Drops,
  type Evidence,
  type ForeignNetwork,
  isOver,
  type ProcessEnd,
  type Queue,
  succeeded,
} from "./evidence";
export { fromSteps, type KnowsCalls } from "./from-steps";
export { previewBytes } from "./payload";
export { readConversation } from "./read";
