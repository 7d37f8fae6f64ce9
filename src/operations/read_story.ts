/**
 * Reads the story of a session from its journal, in the memory that the story itself takes.
 *
 * @module
 */
import { foldStory } from "../messages/fold_story.ts";
import { NO_STORY, type Story } from "../workflow/story.ts";
import { openSession, type Samocode } from "./samocode.ts";

/**
 * Reads it, and changes nothing. A process that keeps its readings goes on from the last one.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export function readStory(samocode: Samocode, { session }: { readonly session: string }): Story {
  using folder = openSession(samocode, session, { readOnly: true, foldStory });
  return folder.journal.story ?? NO_STORY;
}
