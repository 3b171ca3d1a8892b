// Studying: the days of sessions in any time zone, and what a browser that is killed loses; see parts.mjs.
//
//   make bench-study [ONLY=days,killed]
import { runParts } from './parts.mjs';

await runParts('study');
