/** How many columns a text takes on a terminal, and where to cut it. @module */
export { default as stringWidth } from "npm:fast-string-width@3.0.2";
export { default as truncatedWidth } from "npm:fast-string-truncated-width@3.0.3";
