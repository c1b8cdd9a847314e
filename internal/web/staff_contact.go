package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

const looksPath = "/staff/looks"

// LookForm asks why somebody wants to see a contact. URL is empty where they
// may not, and Why says so.
type LookForm struct {
	URL    string
	Reason Field
	Why    string
}

// lookForm is how a person gets to a sender's contact, which is never shown by
// itself.
func (w words) lookForm(code civic.Code, found triage.Case) LookForm {
	switch {
	case !found.HasContact:
		return LookForm{Why: w.t("look.none")}
	case found.ContactClosed == "contact.restricted":
		return LookForm{Why: w.t("desk.contact_restricted")}
	case found.ContactClosed == "contact.not_needed":
		return LookForm{Why: w.t("problem.contact.not_needed")}
	case found.ContactClosed != "":
		return LookForm{Why: w.t("desk.contact_hidden")}
	}
	f := newForm(w, map[string]string{}, nil)
	f.prefix = "look-"
	return LookForm{URL: staffCasePath(code) + "/contact", Reason: lookReason(f)}
}

func lookReason(f *form) Field {
	return f.field("reason", func(field *Field) {
		field.Required, field.Label, field.Hint = true, f.words.t("look.reason"), f.words.t("look.reason_hint")
	})
}

// postContact logs the look and shows the case once with the contact in it.
func (w *Web) postContact(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	ctx, actor, words := c.Request().Context(), httpx.ActorFrom(c), w.words(c)
	reason := c.FormValue("reason")
	contact, guardian, lookErr := w.Triage.LookAtBoth(ctx, actor, code, reason)
	if lookErr != nil && errs.KindOf(lookErr) != errs.Invalid {
		return lookErr
	}
	found, err := w.Triage.Case(ctx, actor, code)
	if err != nil {
		return err
	}
	page := w.staffCasePage(c, actor, found, attempt{})
	if lookErr != nil {
		f := newForm(words, map[string]string{"reason": reason}, errs.FieldsOf(lookErr))
		f.prefix = "look-"
		page.Look.Reason = lookReason(f)
		page.Errors = append(page.Errors, f.summary()...)
		page.Failed = true
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	page.Contact = append(words.contactFacts(contact), words.guardianFacts(guardian)...)
	page.Notices = append(page.Notices, &Notice{Tone: "care", Text: words.t("look.logged")})
	return w.show(c, http.StatusOK, page)
}

// contactFacts is the sender's personal data.
func (w words) contactFacts(c civic.Contact) (facts []Fact) {
	for _, f := range []Fact{
		{"form.submitter.name.label", c.Name}, {"form.submitter.organisation.label", c.Organisation},
		{"form.submitter.email.label", c.Email}, {"form.submitter.phone.label", c.Phone},
		{"form.submitter.address.label", c.Address},
	} {
		if f.Value != "" {
			facts = append(facts, Fact{w.t(f.Label), f.Value})
		}
	}
	return facts
}

// guardianFacts is whom a child named.
func (w words) guardianFacts(g civic.Guardian) (facts []Fact) {
	for _, f := range []Fact{{"desk.guardian_name", g.Name}, {"desk.guardian_email", g.Email}, {"desk.guardian_phone", g.Phone}} {
		if f.Value != "" {
			facts = append(facts, Fact{w.t(f.Label), f.Value})
		}
	}
	return facts
}

// LooksPage is the log of who looked at which contact.
type LooksPage struct {
	Frame
	Code   Field
	Notice *Notice
	Total  int
	Rows   []LookRow
	Newer  string // address of the page before, empty on the first
	Older  string
}

func (*LooksPage) template() string { return "staff_looks" }

// LookRow is one look.
type LookRow struct {
	At     Moment
	Code   string
	URL    string
	Person string
	Role   civic.Role // empty: the system
	Agency Name
	Reason string
}

// showLooks lists the looks at contacts, of all cases or of one.
func (w *Web) showLooks(c echo.Context) error {
	words, written := w.words(c), strings.TrimSpace(c.QueryParam("code"))
	number, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil || number < 1 {
		number = 1
	}
	r := triage.LooksRequest{Page: number}
	var wrong []errs.Field
	if written != "" {
		if r.Code, err = civic.ParseCode(written); err != nil {
			wrong = errs.FieldsOf(err)
		}
	}
	page := &LooksPage{Frame: w.staffFrame(c, "looks", words.t("staff.looks"))}
	f := newForm(words, map[string]string{"code": written}, wrong)
	page.Code = f.field("code", func(field *Field) {
		field.Label, field.Hint, field.Plain = words.t("look.code"), "", true
	})
	if len(wrong) > 0 {
		page.Failed = true
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	found, err := w.Triage.Looks(c.Request().Context(), httpx.ActorFrom(c), r)
	if err != nil {
		return err
	}
	page.Total = found.Total
	for _, l := range found.Items {
		page.Rows = append(page.Rows, LookRow{
			At: Moment{At: l.At}, Code: l.Code.String(), URL: staffCasePath(l.Code), Person: l.UserName, Role: l.Role,
			Agency: w.agency(words.lang, l.Agency), Reason: l.Reason,
		})
	}
	at := func(n int) string {
		return looksPath + "?" + url.Values{"code": {written}, "page": {strconv.Itoa(n)}}.Encode()
	}
	if number > 1 {
		page.Newer = at(number - 1)
	}
	if number < triage.LooksPages(found.Total) {
		page.Older = at(number + 1)
	}
	return w.show(c, http.StatusOK, page)
}
