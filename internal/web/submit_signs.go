package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/drafts"
	"hienke/internal/httpx"
	"hienke/internal/intake"
)

// How a submission came in is noticed on the way through the form: a field that
// only programs fill in, when the first page was fetched, and a small task that
// the browser does while its owner types. None of it refuses anybody.

const (
	fieldTrap  = "website" // left empty by people; see the style .hk-trap
	fieldBegun = "begun"   // the stamp of the first page
	// fieldProof carries the browser's proof of work; its name is the protocol's.
	fieldProof = "altcha"
	// valueProven is not a field: the draft remembers that a proof was good.
	valueProven = "proven"

	challengePath = "/challenge"
)

// showChallenge gives a browser its task.
func (w *Web) showChallenge(c echo.Context) error {
	task, err := w.Intake.Challenge()
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, task)
}

// addSigns puts into typed what the form says of itself. before are the
// draft's values.
func (w *Web) addSigns(c echo.Context, typed, before map[string]string) {
	if trap := c.FormValue(fieldTrap); trap != "" {
		typed[fieldTrap] = trap
	}
	if stamp := c.FormValue(fieldBegun); before[fieldBegun] == "" && !w.Intake.FormBegun(stamp).IsZero() {
		typed[fieldBegun] = stamp
	}
	if work := c.FormValue(fieldProof); work != "" && before[valueProven] == "" && w.Intake.Prove(c.Request().Context(), work) {
		typed[valueProven] = "yes"
	}
}

// signs are why a draft that is being sent must be checked first.
func (w *Web) signs(c echo.Context, d drafts.Draft, r intake.Request) []string {
	seen := intake.Sighting{
		Address: httpx.ClientNetwork(c), Trap: d.Values[fieldTrap] != "", Form: true,
		Begun: w.Intake.FormBegun(d.Values[fieldBegun]), Proven: d.Values[valueProven] != "",
	}
	return w.Intake.Signs(c.Request().Context(), seen, r.Title, r.Body)
}

// addWatch lets a page of the form carry the stamp on, and asks for a proof of
// work where there is none yet.
func (w *Web) addWatch(page *StepPage, d drafts.Draft) {
	page.Begun = d.Values[fieldBegun]
	if page.Begun == "" && d.Token == "" {
		page.Begun = w.Intake.StampForm()
	}
	if page.Unproven = d.Values[valueProven] == ""; page.Unproven {
		page.Scripts = append(page.Scripts, "proof")
	}
}
