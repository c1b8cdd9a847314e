package httpx

import (
	"slices"

	"github.com/labstack/echo/v4"
)

// Routes lists what a router answers, as "METHOD PATTERN" in order.
func Routes(e *echo.Echo) []string {
	var out []string
	for _, r := range e.Routes() {
		if r.Method != echo.RouteNotFound { // how Echo keeps a group's middleware in front of what does not exist
			out = append(out, r.Method+" "+r.Path)
		}
	}
	slices.Sort(out)
	return out
}
