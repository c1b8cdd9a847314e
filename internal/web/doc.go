// Package web serves the pages: the citizen's and the public's in Vietnamese
// and English under /vi and /en, and the staff's under /staff.
//
// A handler binds what came in, calls one use case, and renders a typed page
// or redirects. It never chooses the status of a failure: it returns the
// error, and the face kit maps it once. A form that comes back with errors
// keeps what was typed. Everything works without scripts.
package web
