// What breaks a valid document: for every rule of the specification some ways to break it. A way tells
// whether it could be gone; what came of it is for graphql-js to say.
import { INPUT_FAULTS } from "./input-faults.js";
import { SELECTION_FAULTS } from "./selection-faults.js";

export const FAULTS = [...SELECTION_FAULTS, ...INPUT_FAULTS];
