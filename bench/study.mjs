// Studying: the days of sessions in any time zone, what a browser that is killed loses, and calls; see parts.mjs.
//
//   make bench-study [ONLY=days,killed,calls]
import { runParts } from './parts.mjs';

await runParts('study');
