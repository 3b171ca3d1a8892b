// Studying: the days of sessions in any time zone, what a browser that is killed loses, calls of few and of many, and how far apart those are who
// listen to the same music; see parts.mjs.
//
//   make bench-study [ONLY=calls,days,killed,music,sfu]
import { runParts } from './parts.mjs';

await runParts('study');
