// Package httpx is the kit that both HTTP faces stand on: the Echo instance
// with its middleware, the one mapping from failures to answers, and readers
// for everything that arrives from outside.
//
// # Failures
//
// A handler never chooses a status for a failure. It returns the error, and
// ErrorHandler looks its kind up in one table (outcomes), refined for a few
// codes (statusOf). Under /api the answer is application/problem+json; on
// pages the same Problem goes to the hook Options.RenderPage. The cause of an
// error goes to the log and nowhere else.
//
// # Texts
//
// Words come from the catalogue by key. For an error with code C and kind K
// the title is problem.C, or problem.kind.K where that is missing. For a field
// N with code field.R the message is problem.at.N.R, or problem.field.R; the
// placeholder {label} is filled with the public field name. Codes lists every
// code that this package makes itself.
//
// # Who is asking
//
// Under /api only an Authorization header carries authority and a cookie is
// never looked at; on pages it is the other way round. That is why
// cross-origin protection guards the pages alone: what a foreign site makes a
// browser send to the API carries nobody's rights.
//
// # Addresses
//
// The peer's address is the client's unless the peer is one of
// Options.TrustedProxies; only then are X-Forwarded-For and X-Request-Id
// believed. The log shows a pseudonym (Options.Pseudonym), and neither the
// path nor the query: the route pattern says what was asked for.
package httpx
