// The door of this room: values of a document are compiled once and evaluated per call.
export { compileCondition } from "./compile-condition.ts";
export { compilePath } from "./compile-path.ts";
export { compileText } from "./compile-text.ts";
export { compileValue } from "./compile-value.ts";
export {
  type CompileScope,
  type EventView,
  type ResponseView,
  type Scope,
  type Template,
  type Variable,
} from "./scope.ts";
export { textOf } from "./value-text.ts";
