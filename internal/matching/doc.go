// Package matching compares a new text with everything received before. It
// answers two questions that are never mixed:
//
//   - Is it nearly the same text? Sign finds candidates through a few hashes
//     that near copies share, Jaccard measures the overlap exactly, and Compare
//     says whether the pair may be joined without a person. What it joins can
//     be undone, and it would rather join nothing than two different requests.
//   - Does it ask for the same? Analyze reads the terms of a text, Salient
//     picks the few that are kept for finding it again, and Similar ranks
//     earlier texts for a person to judge, with the shared words as the reason.
//     Nothing is ever joined because of it.
//
// The package is pure: it reads stored texts only through Candidates, which the
// database implements and Memory imitates; package matchingtest holds both to
// the same sentences.
//
// Everything works on folded words (package vitext), so a text typed without
// accents meets the one typed with them. Hashes are part of the stored data:
// changing hash.go, the shingles or the stemmer means rebuilding the tables.
package matching
