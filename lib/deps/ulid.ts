/** Message ids: sortable by time, unique without a server. @module */
export { ulid } from "npm:ulid@3.0.2";
