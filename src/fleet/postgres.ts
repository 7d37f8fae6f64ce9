/**
 * The drivers: the only module that names `pg` and `pg-boss`, and works round their traps.
 *
 * @module
 */
import type { Db } from "pg-boss";

/** What pg-boss runs statements by: a pool, or one transaction. */
export type QueueAdapter = Db;
