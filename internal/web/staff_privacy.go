package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/notices"
	"hienke/internal/privacy"
	"hienke/internal/store"
)

const privacyPath = "/staff/privacy"

// PrivacyPage lists what people ask about their own personal data.
type PrivacyPage struct {
	Frame
	Closed bool
	Rows   []PrivacyRow
	// Children are the cases of children that wait for a guardian or have none.
	Children []ChildRow
}

// ChildRow is the case of a child.
type ChildRow struct {
	Code, URL      string
	State          civic.GuardianState
	AskedAt, Until time.Time
	Reminded       bool
	Why            string // of an answer; may be empty
}

func (*PrivacyPage) template() string { return "staff_privacy" }

// PrivacyRow is one request.
type PrivacyRow struct {
	RequestLine
	URL, Code, CodeURL string
	Replied, Late      bool
	ClosedAt           time.Time
}

// PrivacyCasePage is one request with what can be done about it now.
type PrivacyCasePage struct {
	Frame
	Errors   []FieldError
	Notices  []*Notice
	Heading  string
	Row      PrivacyRow
	Text     string
	Facts    []Fact
	Consents []ConsentRow
	Child    bool // the case is that of a child
	Messages []PrivacyMessageRow
	ByHand   string // why and how somebody must tell the person; empty where mail goes
	Forms    []FormBlock
	Conflict *Conflict // what others made of the case while its text was put right
	Extract  string    // makes the extract; empty where it is not known whose data they are
}

func (*PrivacyCasePage) template() string { return "staff_privacy_request" }

// PrivacyMessageRow is one mail to the person of a request.
type PrivacyMessageRow struct {
	Kind          civic.PrivacyMessageKind
	State, Reason string
	Failed        bool
	Letter        string // prints it; empty where there is no need or no case
	Post          string // notes it as posted; empty where it was, or nothing is to post
	Posted        string // when and by whom; empty where it was not
	Kept          string // until when the address is kept for it; empty where the case has it
}

// ConsentRow is one thing that the sender agreed to.
type ConsentRow struct {
	Who, Purpose, Version, How string
	At                         time.Time
	Holds                      bool
}

// privacyActs are what is done about a request, in their order.
var privacyActs = []struct {
	name   string
	in     []civic.PrivacyState
	offers func(civic.PrivacyRequest) bool // nil: always
	fields []string
	tone   string
	do     func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error
}{
	{name: "identify", in: []civic.PrivacyState{civic.PrivacyReceived, civic.PrivacyIdentified}, fields: []string{"code", "identified"},
		offers: func(r civic.PrivacyRequest) bool { return r.Identified != civic.IdentifiedBySecret },
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			code, err := civic.ParseCode(value("code"))
			if err != nil {
				return err
			}
			return w.Privacy.Identify(ctx, a, ref, code, value("identified"))
		}},
	{name: "reply", in: []civic.PrivacyState{civic.PrivacyReceived, civic.PrivacyIdentified, civic.PrivacyGranted}, fields: []string{"reply"},
		offers: func(r civic.PrivacyRequest) bool { return r.ReplyAt.IsZero() },
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Reply(ctx, a, ref, value("reply"))
		}},
	{name: "grant", in: []civic.PrivacyState{civic.PrivacyIdentified}, fields: []string{"reason"},
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Decide(ctx, a, ref, civic.PrivacyWhole, value("reason"))
		}},
	{name: "partly", in: []civic.PrivacyState{civic.PrivacyIdentified}, fields: []string{"reason"}, tone: "secondary",
		offers: func(r civic.PrivacyRequest) bool { return slices.Contains(civic.PrivacyInPart, r.Kind) },
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Decide(ctx, a, ref, civic.PrivacyPart, value("reason"))
		}},
	{name: "refuse", in: []civic.PrivacyState{civic.PrivacyReceived, civic.PrivacyIdentified}, fields: []string{"reason"}, tone: "secondary",
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Decide(ctx, a, ref, civic.PrivacyNoneOf, value("reason"))
		}},
	{name: "extend", in: []civic.PrivacyState{civic.PrivacyReceived, civic.PrivacyIdentified, civic.PrivacyGranted}, fields: []string{"reason"}, tone: "secondary",
		offers: func(r civic.PrivacyRequest) bool { return r.ExtendedFrom.IsZero() },
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Extend(ctx, a, ref, value("reason"))
		}},
	{name: "correct", in: []civic.PrivacyState{civic.PrivacyGranted}, fields: correctedContact,
		offers: func(r civic.PrivacyRequest) bool { return r.Kind == civic.PrivacyCorrect },
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Correct(ctx, a, ref, contactOf(value))
		}},
	{name: actCorrectText, in: []civic.PrivacyState{civic.PrivacyGranted}, fields: rewordingFields,
		offers: func(r civic.PrivacyRequest) bool { return r.Kind == civic.PrivacyCorrect },
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.CorrectText(ctx, a, ref, rewordingOf(value))
		}},
	{name: "fulfil", in: []civic.PrivacyState{civic.PrivacyGranted}, tone: "warning",
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, _ func(string) string) error {
			return w.Privacy.Fulfil(ctx, a, ref)
		}},
	{name: "tell", in: []civic.PrivacyState{civic.PrivacyFulfilled, civic.PrivacyRefused}, fields: []string{"told"},
		do: func(w *Web, ctx context.Context, a civic.Actor, ref string, value func(string) string) error {
			return w.Privacy.Tell(ctx, a, ref, value("told"))
		}},
}

func (w *Web) staffPrivacyRoutes(g *echo.Group) {
	handle := httpx.Require(civic.HandlePrivacy)
	g.GET("/privacy", w.showPrivacy, handle)
	g.GET("/privacy/:request", w.showPrivacyRequest, handle)
	g.POST("/privacy/:request/extract", w.postExtract, handle)
	g.POST("/privacy/:request/letter", w.postPrivacyLetter, handle)
	g.POST("/privacy/:request/posted", w.postPrivacyPosted, handle)
	for i := range privacyActs {
		g.POST("/privacy/:request/"+privacyActs[i].name, w.postPrivacy(i), handle)
	}
}

func (w *Web) privacyRow(r civic.PrivacyRequest) PrivacyRow {
	row := PrivacyRow{RequestLine: requestLine(r), URL: privacyPath + "/" + r.Ref, Replied: !r.ReplyAt.IsZero(), ClosedAt: r.ClosedAt}
	row.Late = r.Open() && (w.Now().After(r.DueAt) || !row.Replied && w.Now().After(r.ReplyBy))
	if r.Code != "" {
		row.Code, row.CodeURL = r.Code.String(), staffCasePath(r.Code)
	}
	return row
}

func (w *Web) showPrivacy(c echo.Context) error {
	words, closed := w.words(c), c.QueryParam("closed") != ""
	list, err := w.Privacy.List(c.Request().Context(), httpx.ActorFrom(c), closed)
	if err != nil {
		return err
	}
	page := &PrivacyPage{Frame: w.staffFrame(c, "privacy", words.t("staff.privacy")), Closed: closed}
	for _, r := range list {
		page.Rows = append(page.Rows, w.privacyRow(r))
	}
	children, err := w.Guardians.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	for _, child := range children {
		page.Children = append(page.Children, words.childRow(child))
	}
	return w.show(c, http.StatusOK, page)
}

func (w words) childRow(c store.GuardianCase) ChildRow {
	row := ChildRow{
		Code: c.Code.String(), URL: staffCasePath(c.Code), State: c.State, AskedAt: c.AskedAt, Until: c.LapseAt, Reminded: !c.RemindedAt.IsZero(),
	}
	switch {
	case !c.EndedAt.IsZero():
		row.Until = c.EndedAt
	case !c.DecidedAt.IsZero():
		row.Until = c.DecidedAt
	}
	if c.NotMine {
		row.Why = w.t("guardian.reason.not_mine")
	}
	return row
}

func (w *Web) showPrivacyRequest(c echo.Context) error {
	page, err := w.privacyCasePage(c, attempt{})
	if err != nil {
		return err
	}
	if done := c.QueryParam("done"); done != "" {
		if text := w.words(c).optional("privacy_act." + done + ".done"); text != "" {
			page.Notices = append(page.Notices, &Notice{Tone: "done", Text: text})
		}
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) privacyCasePage(c echo.Context, tried attempt) (*PrivacyCasePage, error) {
	words := w.words(c)
	found, err := w.Privacy.Get(c.Request().Context(), httpx.ActorFrom(c), c.Param("request"))
	if err != nil {
		return nil, err
	}
	page := &PrivacyCasePage{
		Frame: w.staffFrame(c, "privacy", found.Ref), Heading: words.t("privacy_kind." + string(found.Kind)), Row: w.privacyRow(found.PrivacyRequest), Text: found.Text,
	}
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return i18n.Date(words.lang, at, civic.Zone)
	}
	identified := found.Identified
	if identified == civic.IdentifiedBySecret {
		identified = words.t("privacy.by_secret")
	}
	for _, fact := range []Fact{
		{"requester", found.Name}, {"reach", found.Reach}, {"case", found.Written.Code}, {"made", day(found.MadeAt)}, {"reply_by", day(found.ReplyBy)},
		{"replied", day(found.ReplyAt)}, {"due", day(found.DueAt)}, {"first_due", day(found.ExtendedFrom)}, {"extended", found.ExtendedReason},
		{"identified", identified}, {"reason", found.Reason}, {"done", day(found.DoneAt)}, {"told", found.Told}, {"closed", day(found.ClosedAt)},
	} {
		if fact.Value != "" {
			page.Facts = append(page.Facts, Fact{words.t("privacy.fact." + fact.Label), fact.Value})
		}
	}
	for _, g := range found.Consents {
		page.Consents = append(page.Consents, ConsentRow{
			Who: words.t("privacy.who." + g.Who), Purpose: words.t("privacy.purpose." + g.Purpose), Version: g.Version, How: words.t("privacy.how." + g.How), At: g.At, Holds: g.Holds,
		})
	}
	for _, m := range found.Messages {
		row := words.privacyMessage(m)
		if row.Failed && found.Submission != 0 && row.Posted == "" {
			row.Letter, row.Post = page.Row.URL+"/letter", page.Row.URL+"/posted"
		}
		page.Messages = append(page.Messages, row)
	}
	if found.Unmailed != "" && found.Open() {
		page.ByHand = words.byHand(found)
	}
	page.Extract = extractForm(found.PrivacyRequest)
	page.Child = found.Child
	page.addForms(words, found, tried)
	return page, nil
}

func (w words) privacyMessage(m store.PrivacyMessage) PrivacyMessageRow {
	row := PrivacyMessageRow{Kind: m.Kind, Failed: m.State == civic.MessageNotSent}
	row.State = w.t("desk.message_state."+string(m.State), "time", i18n.DateTime(w.lang, m.SettledAt, civic.Zone))
	if m.Reason != "" {
		row.Reason = w.t("privacy.unsent." + m.Reason)
	}
	if !m.PostedAt.IsZero() {
		row.Posted = w.t("privacy.posted", "time", i18n.DateTime(w.lang, m.PostedAt, civic.Zone), "name", m.PostedByName)
	} else if len(m.Letter.Sealed) > 0 {
		row.Kept = w.t("privacy.address_kept", "day", i18n.Date(w.lang, m.CreatedAt.Add(privacy.LetterKept), civic.Zone))
	}
	return row
}

// byHand says why no mail goes to the person of a request, and how somebody
// tells the person instead.
func (w words) byHand(r privacy.Shown) string {
	way := "reach"
	if r.Reach == "" {
		way = "case"
	}
	return w.t("privacy.by_hand."+way, "why", w.t("privacy.unsent."+r.Unmailed))
}

// postPrivacyPosted notes that the letter of a message went by post.
func (w *Web) postPrivacyPosted(c echo.Context) error {
	ref := c.Param("request")
	err := w.Privacy.Posted(c.Request().Context(), httpx.ActorFrom(c), ref, civic.PrivacyMessageKind(c.FormValue("message")))
	if errs.KindOf(err) == errs.Conflict {
		return w.privacyRefused(c, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, privacyPath+"/"+ref+"?done=posted")
}

// privacyRefused shows a request as it is now, and what it did not allow.
func (w *Web) privacyRefused(c echo.Context, err error) error {
	page, pageErr := w.privacyCasePage(c, attempt{})
	if pageErr != nil {
		return pageErr
	}
	page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
	return w.show(c, http.StatusConflict, page)
}

// postPrivacyLetter shows a message on a sheet. It is a POST because the look at
// name and address is logged.
func (w *Web) postPrivacyLetter(c echo.Context) error {
	ref := c.Param("request")
	l, err := w.Privacy.Print(c.Request().Context(), httpx.ActorFrom(c), ref, civic.PrivacyMessageKind(c.FormValue("message")))
	if errs.KindOf(err) == errs.Conflict {
		return w.privacyRefused(c, err)
	}
	if err != nil {
		return err
	}
	s := w.blankSheet(l.Language, l.Name, l.Address)
	s.Code, s.CodeLabel = l.Ref, words{w.Catalogue, i18n.Lang(l.Language)}.t("privacy.ref")
	if s.Subject, s.Parts, err = notices.DrawOnPaper(l.Template, l.Language, l.Values, l.Ref); err != nil {
		return err
	}
	page := &LettersPage{Frame: w.staffFrame(c, "privacy", w.words(c).t("letters.sheets")), Sheets: []Sheet{s}, Back: privacyPath + "/" + ref}
	return w.show(c, http.StatusOK, page)
}

func (p *PrivacyCasePage) addForms(words words, found privacy.Shown, tried attempt) {
	r := found.PrivacyRequest
	for _, act := range privacyActs {
		if !slices.Contains(act.in, r.State) || act.offers != nil && !act.offers(r) {
			continue
		}
		values, wrong := map[string]string{}, []errs.Field(nil)
		if tried.action == act.name {
			values, wrong = tried.values, errs.FieldsOf(tried.err)
		}
		f := newForm(words, values, wrong)
		f.prefix = act.name + "-"
		key, lead := "privacy_act."+act.name, ""
		if lead = words.optional(key + ".lead_" + string(r.Kind)); lead == "" {
			lead = words.t(key + ".lead")
		}
		if ofChild := words.optional(key + ".lead_" + string(r.Kind) + "_child"); ofChild != "" && p.Child {
			lead = ofChild
		}
		if byHand := words.optional(key + ".by_hand"); byHand != "" && p.ByHand != "" {
			lead = byHand
		}
		block := FormBlock{ID: act.name, Title: words.t(key + ".title"), Lead: lead, URL: privacyPath + "/" + r.Ref + "/" + act.name, Button: words.t(key + ".go"), Tone: act.tone}
		if act.name == actCorrectText {
			p.reworded(words, &block, f, found, tried)
		} else {
			for _, name := range act.fields {
				block.Fields = append(block.Fields, f.field(name, func(field *Field) {
					field.Required, field.Hint, field.Label = true, "", words.t("privacy.field."+name)
					switch {
					case act.name == "correct": // the lead says what an empty one means
						field.Required, field.Bare = false, true
					case name != "code":
						field.Widget, field.Rows = "textarea", 3
					}
				}))
			}
		}
		p.Forms = append(p.Forms, block)
		p.Errors = append(p.Errors, f.summary()...)
	}
	p.Failed = len(p.Errors) > 0
}

func (w *Web) postPrivacy(i int) echo.HandlerFunc {
	act := privacyActs[i]
	return func(c echo.Context) error {
		ref := c.Param("request")
		err := act.do(w, c.Request().Context(), httpx.ActorFrom(c), ref, c.FormValue)
		if err == nil {
			return c.Redirect(http.StatusSeeOther, privacyPath+"/"+ref+"?done="+act.name)
		}
		kind := errs.KindOf(err)
		if kind != errs.Invalid && kind != errs.Conflict {
			return err
		}
		typed := map[string]string{}
		for _, name := range act.fields {
			typed[name] = c.FormValue(name)
		}
		page, pageErr := w.privacyCasePage(c, attempt{action: act.name, values: typed, err: err})
		if pageErr != nil {
			return pageErr
		}
		if kind == errs.Conflict {
			page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
			if page.Conflict != nil {
				return w.show(c, http.StatusPreconditionFailed, page)
			}
			return w.show(c, http.StatusConflict, page)
		}
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
}
