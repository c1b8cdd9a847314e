package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hienke/internal/civic"
)

// Every link of the search page repeats every chosen filter, so an address of
// 16 KiB could ask for a page of 40 MB.
func TestAnAddressFullOfFiltersGivesASmallPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, "&topic=t%d", i)
	}
	p := w.browser().get("/vi/search?q=a" + many.String()).is(http.StatusOK)
	const most = 64 << 10 // bytes; 20 chips with 20 filters each, and the page around them
	if n := len(p.body); n > most {
		t.Errorf("the page has %d bytes, want at most %d", n, most)
	}
}

// PostgreSQL refuses a negative offset, which an overflow would make.
func TestAQueuePageBeyondCountingIsTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	staff := w.staff(civic.RoleCoordinator, "Điều Phối", "")
	for _, number := range []string{"9223372036854775807", "-1", "0", "x", "184467440737095516"} {
		staff.get("/staff/queue?page="+number).is(http.StatusOK, s.code4)
	}
}

func TestTheStaffEntranceWithAndWithoutSlash(t *testing.T) {
	t.Parallel()
	staff := newWorld(t).staff(civic.RoleCoordinator, "Điều Phối", "")
	for _, path := range []string{"/staff", "/staff/"} {
		if to := staff.get(path).is(http.StatusSeeOther).header.Get("Location"); to != "/staff/queue" {
			t.Errorf("%s leads to %q", path, to)
		}
	}
}
