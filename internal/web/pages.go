package web

import (
	"time"

	"hienke/internal/civic"
	"hienke/internal/i18n"
)

// Frame is what every page has around its content. Each page struct embeds
// it.
type Frame struct {
	Lang  i18n.Lang
	Other i18n.Lang
	// OtherURL is this page in the other language; empty where there is none.
	OtherURL string
	// Title names the page, without the name of the site.
	Title string
	// Description is one sentence for search engines; empty: none.
	Description string
	// Canonical is the whole address of this page, for search engines and for
	// who shares it; empty for pages that are for one person.
	Canonical string
	// Article tells that the page is about one thing and is shared as such.
	Article bool
	// Data describes the page to programs (schema.org); nil: not.
	Data any
	// Failed puts "Lỗi:" in front of the title, so that a screen reader says
	// at once that the form came back.
	Failed bool
	// Section is the slug of the navigation entry this page belongs to.
	Section string
	// NoIndex keeps the page out of search engines.
	NoIndex bool
	// Feed is the Atom feed of what the page shows; empty: none.
	Feed string
	// Scripts names the scripts of this page beside the one of every page,
	// without their ending. The page is complete without them.
	Scripts []string
	// Refresh is after how many seconds a browser without scripts asks for the
	// page anew; zero: never.
	Refresh int
	// Demo shows the band that says that the cases are invented.
	Demo bool
	// Staff is the signed-in person; zero on public pages and before sign-in.
	Staff StaffName
	// ToPost counts the letters that wait for the signed-in person.
	ToPost int
	// DocumentTitle is filled by the renderer.
	DocumentTitle string
}

// StaffName is what the staff header says about the person.
type StaffName struct {
	Name   string
	Role   civic.Role
	Agency string
}

// frame lets the renderer reach the Frame inside any page struct.
func (f *Frame) frame() *Frame { return f }

// Navigation lists the slugs of the main navigation.
func (f *Frame) Navigation() []string { return []string{"submit", "track", "search", "stats"} }

// FooterLinks lists the slugs of the footer.
func (f *Frame) FooterLinks() []string { return plainFooter }

var plainFooter = []string{"how-it-works", "what-belongs", "stats", "privacy", "accessibility", "contact"}

// staffSections are the parts of the staff pages with what opens them.
var staffSections = []struct {
	slug       string
	permission civic.Permission
}{
	{"queue", civic.SeeQueue}, {"commitments", civic.HandleCase}, {"intake", civic.KeyIn}, {"post", civic.PostLetters}, {"figures", civic.SeeSteering}, {"agencies", civic.SeeFigures}, {"rules", civic.SeeRules}, {"models", civic.SeeModel},
	{"times", civic.SeeTimes}, {"registry", civic.ManageRegistry},
	{"tasks", civic.RetryTasks},
	{"looks", civic.SeeLooks}, {"audit", civic.SeeAudit}, {"privacy", civic.HandlePrivacy}, {"templates", civic.ManageTemplates},
	{"users", civic.SeeUsers},
}

// StaffNavigation lists the slugs that the role of the signed-in person opens,
// in the order of the day's work.
func (f *Frame) StaffNavigation() []string {
	var open []string
	for _, s := range staffSections {
		if f.May(s.permission) {
			open = append(open, s.slug)
		}
	}
	return open
}

// May reports whether the role of the signed-in person holds the permission,
// for what a page offers; the route and the use case decide.
func (f *Frame) May(p civic.Permission) bool {
	return civic.Actor{Kind: civic.ActorStaff, Role: f.Staff.Role}.May(p)
}

// Page is a struct that a template renders.
type Page interface {
	// template names the file in pages/, without its extension.
	template() string
	frame() *Frame
}

// Name is a name out of the registry, in the language it exists in.
type Name struct {
	Text string
	Lang civic.Language
}

// Notice is a box above the content.
type Notice struct {
	Tone  string // done, care, stop or empty
	Title string // may be empty
	Text  string
	Alert bool // read out at once
}

// Link is an address with its text.
type Link struct {
	Label   string
	URL     string
	Current bool
}

// Moment is one line of a timeline.
type Moment struct {
	At   time.Time
	What string
	By   string // may be empty
	Why  Name   // as staff wrote it, or in words of the page; may be empty
}

// RejectionText tells why a submission is not handled.
type RejectionText struct {
	Reason  string // translated
	Message string // Vietnamese, as staff wrote it
	// Elsewhere is where to turn instead; nil if nowhere in particular.
	Elsewhere *ElsewhereText
}

// Pager links the pages of a list. Pages is empty when one page holds all.
type Pager struct {
	Previous, Next string
	Pages          []PagerItem
}

// PagerItem is a page number, or a gap between numbers.
type PagerItem struct {
	Number  int
	URL     string
	Current bool
	Gap     bool
}

// ErrorPage says what went wrong and what to do now. It is shown inside the
// staff frame when InStaff is set.
type ErrorPage struct {
	Frame
	Status     int
	Heading    string
	Text       string
	Detail     string // the sentence of the error code; may be empty
	RetryAfter int    // seconds, zero: unknown
	// RetryMinutes is RetryAfter in minutes, rounded up, where that is easier to
	// read; zero otherwise.
	RetryMinutes int
	RequestID    string
	OfferSearch  bool
	InStaff      bool
	// Kept is what staff typed into a form that cannot be shown again.
	Kept []Fact
}

func (p *ErrorPage) template() string {
	if p.InStaff {
		return "staff_error"
	}
	return "error"
}
