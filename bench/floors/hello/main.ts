/**
 * The floor of a start: the least that a program of this kind can do.
 *
 * @module
 */
console.log("hello");
