/** YAML, read: the logins that other programs keep. @module */
export { parse as parseYaml } from "npm:yaml@2.9.1";
