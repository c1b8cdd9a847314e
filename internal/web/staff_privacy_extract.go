package web

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/attachments"
	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/privacy"
)

// ExtractPage is everything that is held about a person, to print and hand over.
type ExtractPage struct {
	Frame
	Ref, Back, URL string
	MadeAt         time.Time
	Sections       []ExtractSection
	Files          bool // some can be handed over
}

func (*ExtractPage) template() string { return "staff_privacy_extract" }

// ExtractSection is a part of it.
type ExtractSection struct {
	Title string        `json:"title"`
	Rows  []ExtractFact `json:"rows"`
}

// ExtractFact is a label with a value.
type ExtractFact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// postExtract makes the extract. It is a post: each is written into the audit.
func (w *Web) postExtract(c echo.Context) error {
	ref := c.Param("request")
	found, err := w.Privacy.Extract(c.Request().Context(), httpx.ActorFrom(c), ref)
	if err != nil {
		return err
	}
	words := w.words(c)
	page := &ExtractPage{
		Frame: w.staffFrame(c, "privacy", words.t("extract.title")), Ref: ref, Back: privacyPath + "/" + ref, URL: privacyPath + "/" + ref + "/extract",
		MadeAt: found.MadeAt, Sections: w.extractSections(words, found),
	}
	page.Files = slices.ContainsFunc(found.Files, handedOver)
	switch c.FormValue("format") {
	case formatJSON:
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+ref+`.json"`)
		return c.JSONPretty(http.StatusOK, page.data(), "  ")
	case formatZIP:
		return w.zipExtract(c, found, page.data())
	}
	return w.show(c, http.StatusOK, page)
}

// data is the extract as a program reads it.
func (p *ExtractPage) data() map[string]any {
	return map[string]any{"request": p.Ref, "made_at": p.MadeAt.UTC(), "sections": p.Sections}
}

const formatZIP = "zip"

// handedOver reports whether a file can be given to who sent it: it was looked
// into and is there.
func handedOver(f civic.Attachment) bool { return f.State == civic.FileClean && f.Reason == "" }

// heldFile tells of one file: its name, what it is, when it came, and why it
// cannot be handed over.
func (w words) heldFile(f civic.Attachment) Fact {
	told := w.t("files.state." + string(f.State))
	switch {
	case f.Reason == casework.CodeFileRemoved:
		told = w.t("extract.file_erased")
	case f.State == civic.FileRefused:
		told = w.fileRow(f).Told
	case f.State == civic.FileWaiting:
		told = w.t("extract.file_waits")
	}
	parts := []string{w.fileRow(f).Kind, i18n.Bytes(w.lang, f.Size), i18n.DateTime(w.lang, f.CreatedAt, civic.Zone), told}
	name := f.Name
	if name == "" {
		name = w.t("files.unnamed")
	}
	return Fact{name, strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")}
}

// zipExtract hands the extract over together with the files. Each is opened, and
// the opening noted, before anything is sent, so that what is wrong shows as a
// page.
func (w *Web) zipExtract(c echo.Context, x privacy.Extract, data map[string]any) error {
	ctx := c.Request().Context()
	var files []*attachments.Content
	for _, f := range x.Files {
		if !handedOver(f) {
			continue
		}
		content, err := w.Attachments.OpenForStaff(ctx, httpx.ActorFrom(c), x.Case.Code, f.Ref)
		if err != nil {
			return err
		}
		files = append(files, content)
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+x.Ref+`.zip"`)
	c.Response().Header().Set(echo.HeaderContentType, "application/zip")
	c.Response().WriteHeader(http.StatusOK)
	z := zip.NewWriter(c.Response())
	out, err := z.Create(x.Ref + ".json")
	if err != nil {
		return fmt.Errorf("write the extract: %w", err)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(data); err != nil {
		return fmt.Errorf("write the extract: %w", err)
	}
	for i, f := range files {
		to, err := z.Create(fmt.Sprintf("%02d-%s", i+1, f.Name))
		if err != nil {
			return fmt.Errorf("write a file of the extract: %w", err)
		}
		if _, err := io.Copy(to, f.Reader(ctx)); err != nil {
			return fmt.Errorf("write a file of the extract: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write the extract: %w", err)
	}
	return nil
}

// extractSections put an extract into words. A section without rows says that
// nothing of that is held.
func (w *Web) extractSections(words words, x privacy.Extract) []ExtractSection {
	moment := func(at time.Time) string { return i18n.DateTime(words.lang, at, civic.Zone) }
	var out []ExtractSection
	add := func(key string, facts ...Fact) {
		s := ExtractSection{Title: words.t("extract." + key), Rows: []ExtractFact{}}
		for _, f := range facts {
			if f.Value != "" {
				s.Rows = append(s.Rows, ExtractFact(f))
			}
		}
		out = append(out, s)
	}
	sub := x.Case
	add("contact", append(words.contactFacts(x.Contact), Fact{words.t("extract.authors"), x.Contact.Authors})...)
	if sub := x.Case; sub.Guardian.Child() {
		add("guardian", words.guardianFacts(x.Guardian)...)
	}
	add("case", Fact{words.t("staff.col_code"), sub.Code.String()}, Fact{words.t("desk.received"), moment(sub.ReceivedAt)},
		Fact{words.t("desk.channel"), words.t("desk.channels." + string(sub.Channel))}, Fact{words.t("form.title.label"), sub.Title}, Fact{words.t("form.body.label"), sub.Body},
		Fact{words.t("case.area"), w.area(words.lang, sub.Area).Text}, Fact{words.t("desk.visibility"), words.t("desk.visibilities." + string(sub.Visibility))},
		Fact{words.t("form.public_title.label"), sub.PublicTitle}, Fact{words.t("form.public_body.label"), sub.PublicBody})
	var facts []Fact
	for _, b := range x.Before {
		facts = append(facts, Fact{words.t("form.title.label"), b.Title}, Fact{words.t("form.body.label"), b.Body},
			Fact{words.t("extract.corrected"), moment(b.At) + " · " + b.Reason})
	}
	if len(facts) > 0 {
		add("before", facts...)
	}
	facts = nil
	for _, c := range x.Consents {
		value := words.t("privacy.not_given")
		if c.Holds {
			value = words.t("privacy.given")
		}
		if c.Version != "" {
			value += " · " + words.t("privacy.version", "version", c.Version)
		}
		facts = append(facts, Fact{words.t("privacy.who."+c.Who) + " – " + words.t("privacy.purpose."+c.Purpose), value + " · " + moment(c.At) + " · " + words.t("privacy.how."+c.How)})
	}
	add("consents", facts...)
	facts = nil
	for _, f := range x.Files {
		facts = append(facts, words.heldFile(f))
	}
	add("files", facts...)
	facts = nil
	for _, q := range x.Inquiries {
		facts = append(facts, Fact{moment(q.AskedAt), q.Question}, Fact{words.t("extract.reply"), q.Reply})
	}
	if x.Rating != nil {
		facts = append(facts, Fact{words.t("desk.rating"), strings.TrimSpace(words.t("helped."+string(x.Rating.Helped)) + "\n" + x.Rating.Reason)})
	}
	add("dialogue", facts...)
	facts = nil
	for _, m := range words.messageLines(x.Messages) {
		facts = append(facts, Fact{words.t("desk.message." + string(m.Kind)), strings.TrimSpace(m.State + " " + m.Reason)})
	}
	add("messages", facts...)
	facts = nil
	for _, m := range w.timeline(words, x.Events, true) {
		facts = append(facts, Fact{moment(m.At), m.What})
	}
	add("events", facts...)
	facts = nil
	for _, r := range x.Requests {
		facts = append(facts, Fact{r.Ref + " · " + moment(r.MadeAt), words.t("privacy_kind."+string(r.Kind)) + " · " + words.t("privacy_state."+string(r.State))})
	}
	add("requests", facts...)
	facts = nil
	for _, l := range x.Looks {
		facts = append(facts, Fact{moment(l.At), words.t("staff.role." + string(l.Role))})
	}
	add("looks", facts...)
	facts = nil
	for _, f := range x.Follows {
		facts = append(facts, Fact{moment(f.CreatedAt), words.followed(f.Query)})
	}
	add("follows", facts...)
	facts = nil
	for _, other := range x.Others {
		facts = append(facts, Fact{other.Code.String(), moment(other.ReceivedAt)})
	}
	add("others", facts...)
	return out
}

// followed says what somebody follows: a case, or a search as its address has it.
func (w words) followed(query string) string {
	if query == "" {
		return w.t("extract.follows_case")
	}
	return w.t("extract.follows_search", "query", query)
}

// correctedContact are the fields of a correction.
var correctedContact = []string{"name", "organisation", "email", "phone", "address"}

func contactOf(value func(string) string) civic.Contact {
	return civic.Contact{Name: value("name"), Organisation: value("organisation"), Email: value("email"), Phone: value("phone"), Address: value("address")}
}

// extractForm offers the extract where it is known whose data they are.
func extractForm(r civic.PrivacyRequest) string {
	if r.Submission == 0 || r.State == civic.PrivacyReceived || r.State == civic.PrivacyClosed || r.State == civic.PrivacyRefused {
		return ""
	}
	return privacyPath + "/" + r.Ref + "/extract"
}
