// Package vitext is the one place that knows how Vietnamese is written.
//
// Three questions are kept apart:
//
//   - Normalize answers "how is this text stored?". It repairs what keyboards,
//     phones and old converters do differently, and removes what no reader can
//     see. The result is meant to be kept and shown.
//   - Fold answers "do these look the same without accents?". The result is
//     for comparing and is never shown.
//   - Words and Tokens answer "which words are in it?", in folded form.
//
// All functions are pure, safe for concurrent use, accept any byte string and
// take time and memory proportional to its length.
package vitext
